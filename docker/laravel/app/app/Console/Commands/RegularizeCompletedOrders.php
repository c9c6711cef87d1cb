<?php

namespace App\Console\Commands;

use Illuminate\Console\Command;
use Illuminate\Support\Facades\DB;

class RegularizeCompletedOrders extends Command
{
    protected $signature = 'app:regularize-completed-orders
        {--limit=20 : at most so many orders in one run}
        {--sleep=3 : seconds between two orders}';

    protected $description = 'Settle completed orders that nobody settled yet';

    public function handle(): int
    {
        $orders = DB::table('orders')->where('status', 'completed')->whereNull('regularized_at')
            ->orderBy('id')->limit((int) $this->option('limit'))->pluck('id');

        foreach ($orders as $nth => $id) {
            if ($nth > 0) {
                sleep((int) $this->option('sleep'));
            }
            // The condition makes a second regularizer harmless.
            DB::table('orders')->where('id', $id)->whereNull('regularized_at')->update(['regularized_at' => now()]);
            $this->info("order {$id} regularized");
        }
        $this->info(count($orders).' orders regularized');

        return 0;
    }
}
