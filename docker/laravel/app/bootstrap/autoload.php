<?php

// Deprecations are PHP 8.2's opinion of Laravel 8, not news for anybody's log.
error_reporting(E_ALL & ~E_DEPRECATED);

// Where Debian keeps the framework; the php:fpm images do not look there.
set_include_path(get_include_path().PATH_SEPARATOR.'/usr/share/php');

require_once 'Illuminate/autoload.php';

spl_autoload_register(static function (string $class): void {
    $file = dirname(__DIR__).'/app/'.str_replace('\\', '/', substr($class, strlen('App\\'))).'.php';
    if (strncmp($class, 'App\\', 4) === 0 && is_file($file)) {
        require $file;
    }
});
