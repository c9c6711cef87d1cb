<?php

return [
    'default' => env('QUEUE_CONNECTION', 'database'),
    'connections' => [
        // retry_after must be longer than the longest job, or a second worker takes it too.
        'database' => ['driver' => 'database', 'table' => 'jobs', 'queue' => 'default',
            'retry_after' => (int) env('QUEUE_RETRY_AFTER', 90), 'after_commit' => false],
        'sync' => ['driver' => 'sync'],
    ],
    'failed' => ['driver' => 'database-uuids', 'database' => 'mysql', 'table' => 'failed_jobs'],
];
