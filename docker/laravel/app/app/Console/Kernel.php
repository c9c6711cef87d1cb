<?php

namespace App\Console;

use App\StandIn\NightwatchAgent;
use App\StandIn\NightwatchStatus;
use App\StandIn\ReverbStart;
use Illuminate\Console\Scheduling\Schedule;
use Illuminate\Foundation\Console\Kernel as ConsoleKernel;

class Kernel extends ConsoleKernel
{
    protected $commands = [
        Commands\Heartbeat::class,
        Commands\RegularizeCompletedOrders::class,
        ReverbStart::class,
        NightwatchAgent::class,
        NightwatchStatus::class,
    ];

    protected function schedule(Schedule $schedule): void
    {
        $schedule->command('app:heartbeat')->everyMinute();
    }
}
