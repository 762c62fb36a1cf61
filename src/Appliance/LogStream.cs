using System;
using System.Text;
using System.Threading;
using FastCgi;

namespace Appliance;

/// <summary>Lines for a log whose reader may fall behind, which must hold up nobody: they are lost then, and counted.</summary>
/// <remarks>
/// The descriptor is shared with other programs, so O_NONBLOCK, which all of them would get, is left as it is: poll(2) is asked. What it
/// calls writable takes PIPE_BUF bytes at once, pipe(7), unless another program's line comes in between.
/// </remarks>
internal sealed class LogStream(int descriptor)
{
    public const int LongestLine = 4096; // PIPE_BUF

    private readonly Lock _gate = new();
    private long _lost;

    /// <summary>Where lighttpd or init picks up what is logged.</summary>
    public static LogStream StandardError { get; } = new(StandardStreams.Error);

    /// <summary>Writes a line in one call, so that lines of several threads do not mix; what is longer is cut.</summary>
    /// <param name="line">UTF-8, with its line feed.</param>
    public void Write(ReadOnlySpan<byte> line)
    {
        lock (_gate)
        {
            if (_lost > 0 && TryWrite(Encoding.UTF8.GetBytes(Complaint())))
                _lost = 0;
            if (_lost > 0 || !TryWrite(line))
                _lost++;
        }
    }

    private string Complaint() =>
        $"{StandardErrorLog.Line(DateTime.UtcNow, ServerLogLevel.Warning, $"lines lost, because nobody has read the log: {_lost}")}\n";

    /// <summary>False when nobody has read what was written before. Without a reader that is not known, and does not matter.</summary>
    private bool TryWrite(ReadOnlySpan<byte> line)
    {
        if (line.Length <= LongestLine)
            return LibC.WriteIfReady(descriptor, line) != LibC.TryAgain;
        Span<byte> cut = stackalloc byte[LongestLine];
        int end = LongestLine - 1;
        while ((line[end] & 0xC0) == 0x80) // inside a character
            end--;
        line[..end].CopyTo(cut);
        cut[end] = (byte)'\n';
        return LibC.WriteIfReady(descriptor, cut[..(end + 1)]) != LibC.TryAgain;
    }
}
