<?php

namespace App\StandIn;

use Illuminate\Console\Command;

class NightwatchAgent extends Command
{
    protected $signature = 'nightwatch:agent {--listen-on=127.0.0.1:2407}';

    protected $description = 'Stand-in for the Laravel Nightwatch agent: takes what is sent and counts it';

    public function handle(): int
    {
        $address = (string) $this->option('listen-on');
        $total = 0;
        $this->info("Stand-in for Nightwatch: listening on {$address}");
        (new Listener)->run($address, function (string $input) use (&$total): array {
            $total += strlen($input);

            return ['', '2:OK', true];
        });
        $this->info("Stand-in for Nightwatch: stopped after {$total} bytes");

        return 0;
    }
}
