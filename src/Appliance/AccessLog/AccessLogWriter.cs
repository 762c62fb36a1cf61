using System;
using System.Buffers;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using FastCgi;
using Microsoft.Win32.SafeHandles;

namespace Appliance.AccessLog;

/// <summary>Writes a line for every request that has ended, to standard error or to a file.</summary>
/// <remarks>
/// A line is one write(2) with O_APPEND: lines of several threads do not mix, none waits in a buffer when the program dies, and
/// one who watches the file sees it at once. It costs about as much as one of the four system calls of a request, and nothing when off.
/// </remarks>
internal sealed partial class AccessLogWriter : IRequestLog, IDisposable
{
    /// <summary>The name that stands for standard error.</summary>
    public const string StandardError = "stderr";

    private const int WriteOnly = 1; // O_WRONLY
    private const int Create = 0x40; // O_CREAT
    private const int Append = 0x400; // O_APPEND
    private const int NonBlocking = 0x800; // O_NONBLOCK: a FIFO that nobody reads must not hold up the program
    private const int CloseOnExec = 0x80000; // O_CLOEXEC
    private const int Permissions = 0x1A0; // 0640: addresses and users are for the administrator and his group

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _line;

    private Target _target;

    /// <summary>Opens the log.</summary>
    /// <param name="destination"><c>stderr</c>, or the absolute path of a file, made when it is not there.</param>
    /// <param name="format">What a line has.</param>
    /// <exception cref="IOException">The file cannot be opened; the message has its path and the system's reason.</exception>
    public AccessLogWriter(string destination, AccessLogFormat format) => _target = Open(destination, format);

    /// <summary>Goes on with a destination opened anew, after a rotation for instance. Lines written meanwhile go to one of the two.</summary>
    /// <exception cref="IOException">It cannot be opened; the old one stays.</exception>
    public void Reopen(string destination, AccessLogFormat format) => Interlocked.Exchange(ref _target, Open(destination, format)).File?.Dispose();

    public void Write(FastCgiRequest request, in RequestOutcome outcome)
    {
        ArrayBufferWriter<byte> line = _line ??= new ArrayBufferWriter<byte>();
        while (true)
        {
            Target target = Volatile.Read(ref _target);
            try
            {
                line.ResetWrittenCount();
                target.Format.Write(line, request, outcome, DateTime.UtcNow);
                if (target.File is null)
                    LogStream.StandardError.Write(line.WrittenSpan);
                else if (Write(target.File, line.WrittenSpan, (nuint)line.WrittenCount) < 0)
                    throw new IOException($"{target.Destination}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
                return;
            }
            catch (ObjectDisposedException) when (target != Volatile.Read(ref _target))
            {
                // Opened anew between the two reads.
            }
        }
    }

    public void Dispose() => _target.File?.Dispose();

    private static Target Open(string destination, AccessLogFormat format)
    {
        if (destination == StandardError)
            return new Target(destination, format, File: null);
        SafeFileHandle file = Open(destination, WriteOnly | Create | Append | NonBlocking | CloseOnExec, Permissions);
        if (!file.IsInvalid)
            return new Target(destination, format, file);
        throw new IOException($"{destination}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, nuint count);

    /// <param name="Destination">Its name.</param>
    /// <param name="Format">What its lines have.</param>
    /// <param name="File">Null for standard error.</param>
    private sealed record Target(string Destination, AccessLogFormat Format, SafeFileHandle? File);
}
