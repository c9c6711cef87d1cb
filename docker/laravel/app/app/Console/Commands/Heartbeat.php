<?php

namespace App\Console\Commands;

use Illuminate\Console\Command;
use Illuminate\Support\Facades\DB;

class Heartbeat extends Command
{
    protected $signature = 'app:heartbeat';

    protected $description = 'Leave a trace that the scheduler ran';

    public function handle(): int
    {
        DB::table('heartbeats')->insert(['host' => gethostname(), 'at' => now()]);

        return 0;
    }
}
