using System;
using System.Buffers;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Appliance.Settings;

/// <summary>The text of a settings file, or why there is none. Whatever the path leads to, reading ends and is bounded.</summary>
internal static partial class SettingsFile
{
    /// <summary>Origin: arbitrary. With more, somebody named a log or an image instead.</summary>
    public const int MaxBytes = 1 << 20;

    private const int UsualBytes = 4096;
    private const int NonBlocking = 0x800; // O_NONBLOCK, so that a FIFO does not wait for its writer
    private const int CloseOnExec = 0x80000; // O_CLOEXEC

    private static ReadOnlySpan<byte> Utf8Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads the file: UTF-8, without the byte order mark that some editors write.</summary>
    /// <exception cref="SettingsException">It cannot be read, is too long, or is not UTF-8.</exception>
    public static byte[] Read(string path)
    {
        using SafeFileHandle file = Open(path, NonBlocking | CloseOnExec, 0);
        if (file.IsInvalid)
            throw new SettingsException($"{path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        byte[] text;
        try
        {
            _ = RandomAccess.GetLength(file); // only to learn whether it is a pipe, a socket or a terminal
            text = ReadToEnd(path, file);
        }
        catch (NotSupportedException)
        {
            throw new SettingsException($"{path}: not a file");
        }
        catch (Exception e) when (IoFailure.IsOne(e))
        {
            throw new SettingsException($"{path}: {IoFailure.Describe(e)}");
        }
        if (text.AsSpan().StartsWith(Utf8Mark))
            text = text[Utf8Mark.Length..];
        RequireUtf8(path, text);
        return text;
    }

    private static byte[] ReadToEnd(string path, SafeFileHandle file)
    {
        // What a file says of its length is not asked: those of /proc say 0, and devices have no end.
        byte[] buffer = new byte[UsualBytes];
        int length = 0;
        int read;
        while ((read = RandomAccess.Read(file, buffer.AsSpan(length), length)) > 0)
        {
            length += read;
            if (length > MaxBytes)
                throw new SettingsException($"{path}: more than {MaxBytes} bytes: not a settings file");
            if (length == buffer.Length)
                Array.Resize(ref buffer, length * 2);
        }
        return buffer[..length];
    }

    private static void RequireUtf8(string path, ReadOnlySpan<byte> text)
    {
        if (text is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            throw new SettingsException($"{path}: the text is UTF-16; it has to be saved as UTF-8");
        int at = 0;
        while (at < text.Length)
        {
            if (Rune.DecodeFromUtf8(text[at..], out _, out int length) != OperationStatus.Done)
                throw new SettingsException($"{path}:{TextPosition.At(text, at)}: byte 0x{text[at]:X2} is not UTF-8");
            at += length;
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags, int mode);
}
