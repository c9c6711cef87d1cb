<!doctype html>
<html lang="en">
<title>{{ config('app.name') }}</title>
<h1>{{ config('app.name') }}</h1>
<p>Laravel {{ app()->version() }} on PHP {{ PHP_VERSION }}, environment {{ app()->environment() }}.</p>
<p>Try <a href="/jobs">/jobs</a>, <a href="/heartbeats">/heartbeats</a>, <a href="/orders">/orders</a>.</p>
</html>
