<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

return new class extends Migration
{
    public function up(): void
    {
        Schema::create('done_jobs', function (Blueprint $table) {
            $table->id();
            $table->string('name')->index();
            $table->string('worker');
            $table->dateTime('started_at');
            $table->dateTime('finished_at');
        });
        Schema::create('heartbeats', function (Blueprint $table) {
            $table->id();
            $table->string('host');
            $table->dateTime('at');
        });
        Schema::create('orders', function (Blueprint $table) {
            $table->id();
            $table->string('status');
            $table->dateTime('created_at');
            $table->dateTime('regularized_at')->nullable();
        });
    }

    public function down(): void
    {
        Schema::dropIfExists('orders');
        Schema::dropIfExists('heartbeats');
        Schema::dropIfExists('done_jobs');
    }
};
