<?php

namespace App\StandIn;

use RuntimeException;

/** One thread, many connections: accepts on a port and hands over what arrives, until TERM or INT. */
class Listener
{
    /** Longest unanswered input of one connection, in bytes. */
    private const MAX_INPUT = 65536;

    /** @var array<int, resource> */
    private array $peers = [];

    /** @var array<int, string> */
    private array $input = [];

    private bool $stopping = false;

    /**
     * @param  callable(string): array{0: string, 1: string, 2: bool}  $answer  takes the pending input, gives what
     *         is left of it, the bytes to send, and whether to close
     */
    public function run(string $address, callable $answer): void
    {
        $server = @stream_socket_server("tcp://{$address}", $code, $why);
        if ($server === false) {
            throw new RuntimeException("cannot listen on {$address}: {$why}");
        }
        pcntl_async_signals(true);
        foreach ([SIGTERM, SIGINT] as $signal) {
            pcntl_signal($signal, fn () => $this->stopping = true);
        }
        while (! $this->stopping) {
            $ready = [-1 => $server] + $this->peers;
            $write = $except = null;
            if (@stream_select($ready, $write, $except, 1) > 0) {
                foreach ($ready as $id => $stream) {
                    $id === -1 ? $this->accept($server) : $this->receive($id, $answer);
                }
            }
        }
    }

    /** @param resource $server */
    private function accept($server): void
    {
        $peer = @stream_socket_accept($server, 0);
        if ($peer !== false) {
            stream_set_blocking($peer, false);
            $this->peers[(int) $peer] = $peer;
            $this->input[(int) $peer] = '';
        }
    }

    private function receive(int $id, callable $answer): void
    {
        $bytes = (string) @fread($this->peers[$id], 8192);
        $close = $bytes === '' && feof($this->peers[$id]);
        if (! $close) {
            [$rest, $reply, $close] = $answer($this->input[$id].$bytes);
            $this->input[$id] = $rest;
            @fwrite($this->peers[$id], $reply);
        }
        if ($close || strlen($this->input[$id]) > self::MAX_INPUT) {
            fclose($this->peers[$id]);
            unset($this->peers[$id], $this->input[$id]);
        }
    }
}
