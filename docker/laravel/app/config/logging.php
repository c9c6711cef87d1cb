<?php

use Monolog\Handler\StreamHandler;

$laravel = ['driver' => 'daily', 'path' => storage_path('logs/laravel.log'), 'level' => 'debug', 'days' => 7];

return [
    'default' => env('LOG_CHANNEL', 'stack'),
    'channels' => [
        // The file as the services overview has it, and the container's own log beside it.
        'stack' => ['driver' => 'stack', 'channels' => ['daily', 'stderr']],
        'daily' => $laravel,
        'stderr' => ['driver' => 'monolog', 'handler' => StreamHandler::class, 'with' => ['stream' => 'php://stderr']],
        // Real Nightwatch brings this channel; its stand-in has only the name.
        'nightwatch' => $laravel,
        'emergency' => ['path' => storage_path('logs/laravel.log')],
    ],
];
