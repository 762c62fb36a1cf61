using System;
using System.Buffers;
using System.Buffers.Text;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using FastCgi;

namespace Appliance.AccessLog;

/// <summary>How a line of the access log looks: text with codes, those of Apache's mod_log_config.</summary>
/// <remarks>
/// <code>
/// %a  the client's address, REMOTE_ADDR          %s  status
/// %u  the user, REMOTE_USER                      %b  bytes of the body, - for none     %B  the same, 0 for none
/// %t  [day/month/year:hour:minute:second +0000]  %D  duration in microseconds          %T  in seconds
/// %m  method     %U  path     %q  ? and query    %X  + when answered whole, X when the client had gone or the answer was cut short
/// %H  protocol   %r  "%m URI %H", the URI as the client sent it
/// %{Name}i  a field of the request's header      %%  a percent sign
/// </code>
/// What clients send cannot break a line or a field: quotes, backslashes and all but printable ASCII are written as \" \\ \n \xhh,
/// and blanks as \x20 except in header fields, which belong in quotes. A value that is missing is a -; a very long one is cut.
/// </remarks>
internal sealed class AccessLogFormat
{
    /// <summary>NCSA's combined format, which every log analyzer reads.</summary>
    public const string Combined = "%a - %u %t \"%r\" %s %b \"%{Referer}i\" \"%{User-Agent}i\"";

    private const int MaxValueBytes = 1024; // arbitrary; a line must not grow with what a client sends
    private const string Known = "%a %u %t %m %U %q %H %r %s %b %B %D %T %X %{Name}i %%";

    private readonly List<Part> _parts = [];

    private AccessLogFormat(string text) => Text = text;

    /// <summary>What it was made from.</summary>
    public string Text { get; }

    /// <summary>Reads a format.</summary>
    /// <exception cref="FormatException">A code is not known; the message names those that are, and it.</exception>
    public static AccessLogFormat Parse(string text)
    {
        var format = new AccessLogFormat(text);
        foreach (char c in text)
        {
            if (char.IsControl(c))
                throw new FormatException("expected one line without control characters");
        }
        int at = 0;
        while (at < text.Length)
        {
            int percent = text.IndexOf('%', at);
            int end = percent < 0 ? text.Length : percent;
            if (end > at)
                format._parts.Add(new Part('"', Encoding.UTF8.GetBytes(text[at..end])));
            at = percent < 0 ? end : format.AddCode(text, percent);
        }
        return format;
    }

    /// <summary>Writes one line, with its line feed.</summary>
    /// <param name="line">Where to.</param>
    /// <param name="request">The request.</param>
    /// <param name="outcome">What became of it.</param>
    /// <param name="now">The time for %t, UTC.</param>
    public void Write(IBufferWriter<byte> line, FastCgiRequest request, in RequestOutcome outcome, DateTime now)
    {
        foreach (Part part in _parts)
        {
            switch (part.Code)
            {
                case '"': line.Write(part.Text); break;
                case 'a': WriteWord(line, request.Parameters["REMOTE_ADDR"u8]); break;
                case 'u': WriteWord(line, request.Parameters["REMOTE_USER"u8]); break;
                case 't': WriteText(line, string.Create(CultureInfo.InvariantCulture, $"[{now:dd'/'MMM'/'yyyy':'HH':'mm':'ss} +0000]")); break;
                case 'm': WriteWord(line, request.Method); break;
                case 'U': WriteWord(line, request.Path); break;
                case 'q': WriteQuery(line, request); break;
                case 'H': WriteWord(line, request.Parameters["SERVER_PROTOCOL"u8]); break;
                case 'r': WriteRequestLine(line, request); break;
                case 's': WriteNumber(line, outcome.StatusCode); break;
                case 'b' when outcome.BodyBytes == 0: line.Write("-"u8); break;
                case 'b' or 'B': WriteNumber(line, outcome.BodyBytes); break;
                case 'D': WriteNumber(line, (long)outcome.Duration.TotalMicroseconds); break;
                case 'T': WriteNumber(line, (long)outcome.Duration.TotalSeconds); break;
                case 'X': line.Write(outcome.Aborted ? "X"u8 : "+"u8); break;
                default: WriteValue(line, request.Parameters[part.Text], keepBlanks: true); break; // 'i'
            }
        }
        line.Write("\n"u8);
    }

    /// <summary>Takes the code at a percent sign; says where it ends.</summary>
    private int AddCode(string text, int percent)
    {
        int at = percent + 1;
        if (at < text.Length && text[at] == '{')
        {
            int close = text.IndexOf('}', at);
            if (close > at + 1 && close + 1 < text.Length && text[close + 1] == 'i')
            {
                _parts.Add(new Part('i', VariableOf(text[(at + 1)..close])));
                return close + 2;
            }
            throw Unknown(close < 0 ? text[percent..] : text[percent..Math.Min(close + 2, text.Length)]);
        }
        if (at == text.Length || !"autmUqHrsbBDTX%".Contains(text[at]))
            throw Unknown(text[percent..Math.Min(at + 1, text.Length)]);
        _parts.Add(text[at] == '%' ? new Part('"', [(byte)'%']) : new Part(text[at], []));
        return at + 1;
    }

    private static FormatException Unknown(string code) => new($"expected no codes but {Known}, not \"{code}\"");

    /// <summary>RFC 3875 §4.1.18: the variable of a header field.</summary>
    private static byte[] VariableOf(string field) =>
        Encoding.UTF8.GetBytes($"HTTP_{field.ToUpperInvariant().Replace('-', '_')}");

    private static void WriteRequestLine(IBufferWriter<byte> line, FastCgiRequest request)
    {
        WriteWord(line, request.Method);
        line.Write(" "u8);
        ReadOnlySpan<byte> uri = request.Parameters["REQUEST_URI"u8];
        if (uri.IsEmpty)
        {
            WriteWord(line, request.Path);
            WriteQuery(line, request);
        }
        else
        {
            WriteWord(line, uri);
        }
        line.Write(" "u8);
        WriteWord(line, request.Parameters["SERVER_PROTOCOL"u8]);
    }

    private static void WriteQuery(IBufferWriter<byte> line, FastCgiRequest request)
    {
        if (request.Query.IsEmpty)
            return;
        line.Write("?"u8);
        WriteWord(line, request.Query);
    }

    private static void WriteNumber(IBufferWriter<byte> line, long number)
    {
        Utf8Formatter.TryFormat(number, line.GetSpan(20), out int written);
        line.Advance(written);
    }

    private static void WriteText(IBufferWriter<byte> line, string text) => Encoding.ASCII.GetBytes(text, line);

    /// <summary>A value in a place where a blank ends it.</summary>
    private static void WriteWord(IBufferWriter<byte> line, ReadOnlySpan<byte> value) => WriteValue(line, value, keepBlanks: false);

    private static void WriteValue(IBufferWriter<byte> line, ReadOnlySpan<byte> value, bool keepBlanks)
    {
        if (value.IsEmpty)
        {
            line.Write("-"u8);
            return;
        }
        bool cut = value.Length > MaxValueBytes;
        Span<byte> escaped = line.GetSpan(4 * MaxValueBytes);
        int length = 0;
        foreach (byte b in cut ? value[..MaxValueBytes] : value)
        {
            if (b is > (byte)' ' and < 0x7F and not (byte)'"' and not (byte)'\\' || (b == ' ' && keepBlanks))
                escaped[length++] = b;
            else
                length += Escape(b, escaped[length..]);
        }
        line.Advance(length);
        if (cut)
            line.Write("..."u8);
    }

    private static int Escape(byte b, Span<byte> escaped)
    {
        escaped[0] = (byte)'\\';
        escaped[1] = b switch { (byte)'"' or (byte)'\\' => b, (byte)'\n' => (byte)'n', (byte)'\r' => (byte)'r', (byte)'\t' => (byte)'t', _ => (byte)'x' };
        if (escaped[1] != 'x')
            return 2;
        Utf8Formatter.TryFormat(b, escaped[2..], out int digits, new StandardFormat('x', 2));
        return 2 + digits;
    }

    /// <summary>A piece of the format: literal text (code "), a code, or a header field (code i, its variable).</summary>
    private readonly record struct Part(char Code, byte[] Text);
}
