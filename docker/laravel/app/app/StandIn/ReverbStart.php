<?php

namespace App\StandIn;

use Illuminate\Console\Command;

class ReverbStart extends Command
{
    private const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

    private const TEXT = 1;

    private const CLOSE = 8;

    private const PING = 9;

    private const PONG = 10;

    protected $signature = 'reverb:start {--host=0.0.0.0} {--port=8080}';

    protected $description = 'Stand-in for Laravel Reverb: WebSocket handshake, ping and pong, /up';

    public function handle(): int
    {
        $address = $this->option('host').':'.$this->option('port');
        $this->info("Stand-in for Reverb: starting server on {$address}");
        (new Listener)->run($address, fn (string $input): array => $this->answer($input));
        $this->info('Stand-in for Reverb: stopped');

        return 0;
    }

    /** A connection's first bytes are HTTP text; masked frames of a client never begin with G. */
    private function answer(string $input): array
    {
        return strncmp($input, 'GET ', 4) === 0 ? $this->answerHttp($input) : $this->answerFrames($input);
    }

    private function answerHttp(string $input): array
    {
        $end = strpos($input, "\r\n\r\n");
        if ($end === false) {
            return [$input, '', false];
        }
        $head = substr($input, 0, $end);
        $rest = substr($input, $end + 4);
        if (preg_match('/^Sec-WebSocket-Key:\s*(\S+)/mi', $head, $key)) {
            $accept = base64_encode(sha1($key[1].self::GUID, true));
            $hello = json_encode([
                'event' => 'pusher:connection_established',
                'data' => json_encode(['socket_id' => '1.1', 'activity_timeout' => 30]),
            ]);

            return [$rest, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                ."Sec-WebSocket-Accept: {$accept}\r\n\r\n".$this->frame(self::TEXT, $hello), false];
        }
        [$status, $body] = strncmp($head, 'GET /up ', 8) === 0 ? ['200 OK', '{"health":"OK"}'] : ['404 Not Found', ''];

        return ['', "HTTP/1.1 {$status}\r\nContent-Type: application/json\r\nContent-Length: ".strlen($body)
            ."\r\nConnection: close\r\n\r\n{$body}", true];
    }

    private function answerFrames(string $input): array
    {
        $reply = '';
        while (($frame = $this->nextFrame($input)) !== null) {
            [$opcode, $payload, $input] = $frame;
            if ($opcode === self::CLOSE) {
                return ['', $reply.$this->frame(self::CLOSE, $payload), true];
            }
            if ($opcode === self::PING) {
                $reply .= $this->frame(self::PONG, $payload);
            } elseif (strpos($payload, 'pusher:ping') !== false) {
                $reply .= $this->frame(self::TEXT, '{"event":"pusher:pong"}');
            }
        }

        return [$input, $reply, false];
    }

    /** Opcode, unmasked payload and what follows; null while the frame is not whole (64-bit lengths never are). */
    private function nextFrame(string $input): ?array
    {
        if (strlen($input) < 6) {
            return null;
        }
        $length = ord($input[1]) & 127;
        $at = 2;
        if ($length >= 126) {
            $length = $length === 126 ? unpack('n', $input, 2)[1] : PHP_INT_MAX - 16;
            $at = 4;
        }
        if (strlen($input) < $at + 4 + $length) {
            return null;
        }
        $mask = str_repeat(substr($input, $at, 4), intdiv($length, 4) + 1);

        return [ord($input[0]) & 15, substr($input, $at + 4, $length) ^ $mask, substr($input, $at + 4 + $length)];
    }

    /** A server's frame: whole, unmasked. */
    private function frame(int $opcode, string $payload): string
    {
        $length = strlen($payload);

        return chr(128 | $opcode).($length < 126 ? chr($length) : chr(126).pack('n', $length)).$payload;
    }
}
