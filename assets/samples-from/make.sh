#!/bin/sh
# Makes every sample here. Needs Python with Pillow, and FFmpeg with x264 and LAME.
set -eu
cd "$(dirname "$0")/../samples"
python3 ../samples-from/make.py
ff() { ffmpeg -v error -y "$@"; }
# A tone that swells and fades, so that its waveform shows something.
tone='aevalsrc=0.6*sin(2*PI*t*(330+110*t))*abs(sin(PI*t*1.5)):s=44100:d=2'
clean='-map_metadata -1 -fflags +bitexact -flags:a +bitexact -flags:v +bitexact'
ff -f lavfi -i "$tone" -ac 1 -c:a libmp3lame -b:a 64k $clean tone.mp3
ff -f lavfi -i 'sine=frequency=440:sample_rate=8000:duration=0.5' -ac 1 -c:a pcm_s16le $clean tone.wav
ff -f lavfi -i "$tone" -ac 1 -c:a aac -b:a 64k -f ipod -movflags +faststart $clean tone.m4a
ff -f lavfi -i "$tone" -ac 1 -c:a aac -b:a 64k -f adts $clean tone.aac
ff -f lavfi -i 'testsrc2=size=160x120:rate=12:duration=1' -c:v libx264 -preset veryslow -crf 30 -pix_fmt yuv420p -movflags +faststart $clean clip.mp4
cat > captions.srt <<'S'
1
00:00:00,000 --> 00:00:00,500
First line.

2
00:00:00,500 --> 00:00:01,000
Second line – with a dash.
S
