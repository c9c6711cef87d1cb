<?php

// No framework and no database: it answers exactly when nginx and php-fpm do.
header('Content-Type: application/json');
echo json_encode(['status' => 'ok', 'time' => date(DATE_ATOM)]), "\n";
