<?php

namespace App\Jobs;

use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Bus\Dispatchable;
use Illuminate\Queue\InteractsWithQueue;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Log;

/** Works for so many seconds, then writes the one row that says it was done to the end. */
class RecordJob implements ShouldQueue
{
    use Dispatchable, InteractsWithQueue, Queueable;

    public string $name;

    public int $seconds;

    public function __construct(string $name, int $seconds)
    {
        $this->name = $name;
        $this->seconds = $seconds;
    }

    public function handle(): void
    {
        $started = now();
        Log::info("job {$this->name} started, {$this->seconds} s");
        // sleep() returns early when a signal arrives; real work does not.
        for ($end = microtime(true) + $this->seconds; microtime(true) < $end;) {
            usleep(100000);
        }
        DB::table('done_jobs')->insert([
            'name' => $this->name,
            'worker' => gethostname().':'.getmypid(),
            'started_at' => $started,
            'finished_at' => now(),
        ]);
        Log::info("job {$this->name} done");
    }
}
