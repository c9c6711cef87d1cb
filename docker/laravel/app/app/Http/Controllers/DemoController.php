<?php

namespace App\Http\Controllers;

use App\Jobs\RecordJob;
use Illuminate\Http\JsonResponse;
use Illuminate\Http\Request;
use Illuminate\Support\Collection;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Log;

class DemoController
{
    public function up(): string
    {
        DB::select('select 1');

        return 'ok';
    }

    public function slow(int $seconds): string
    {
        Log::info("a request of {$seconds} s");
        sleep(min($seconds, 60));

        return "slept {$seconds}\n";
    }

    public function jobs(): Collection
    {
        return DB::table('done_jobs')->orderBy('id')->get();
    }

    public function dispatchJob(Request $request): JsonResponse
    {
        $name = (string) $request->input('name', 'job');
        $seconds = min((int) $request->input('seconds', 0), 3600);
        RecordJob::dispatch($name, $seconds)->onQueue((string) $request->input('queue', 'default'));

        return new JsonResponse(['queued' => $name, 'seconds' => $seconds], 202);
    }

    public function heartbeats(): Collection
    {
        return DB::table('heartbeats')->orderByDesc('id')->limit(10)->get();
    }

    public function orders(): Collection
    {
        return DB::table('orders')->orderBy('id')->get();
    }

    public function storeOrder(): JsonResponse
    {
        $id = DB::table('orders')->insertGetId(['status' => 'completed', 'created_at' => now()]);

        return new JsonResponse(['order' => $id], 201);
    }
}
