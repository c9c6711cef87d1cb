<?php

use App\Http\Controllers\DemoController;
use Illuminate\Support\Facades\Route;

Route::view('/', 'welcome');
Route::get('/up', [DemoController::class, 'up']);
Route::get('/slow/{seconds}', [DemoController::class, 'slow']);
Route::get('/jobs', [DemoController::class, 'jobs']);
Route::post('/jobs', [DemoController::class, 'dispatchJob']);
Route::get('/heartbeats', [DemoController::class, 'heartbeats']);
Route::get('/orders', [DemoController::class, 'orders']);
Route::post('/orders', [DemoController::class, 'storeOrder']);
