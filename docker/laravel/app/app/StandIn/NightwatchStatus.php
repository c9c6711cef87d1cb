<?php

namespace App\StandIn;

use Illuminate\Console\Command;

class NightwatchStatus extends Command
{
    protected $signature = 'nightwatch:status {--address=127.0.0.1:2407}';

    protected $description = 'Stand-in: does the Nightwatch agent listen?';

    public function handle(): int
    {
        $peer = @stream_socket_client('tcp://'.$this->option('address'), $code, $why, 2);
        if ($peer === false) {
            $this->error("The agent does not listen on {$this->option('address')}: {$why}");

            return 1;
        }
        $this->info('The agent is running.');

        return 0;
    }
}
