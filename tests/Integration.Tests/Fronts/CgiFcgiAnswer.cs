using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Integration.Tests.Fixture;

namespace Integration.Tests.Fronts;

/// <summary>What cgi-fcgi writes. An exception at its end where the program says that the connection broke, or the body is too short.</summary>
internal sealed class CgiFcgiAnswer(RunningProgram program) : Stream
{
    private const int ConnectionBroke = 253; // any other exit code is the application status
    private long? _left;
    private bool _ended;
    private bool _stopped;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The header has been read; what follows has this length, where that was said.</summary>
    public void ExpectBody(long? bytes) => _left = bytes;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ended)
            return 0;
        int read = await program.Output.BaseStream.ReadAsync(buffer, cancellationToken);
        _left -= read;
        _ended = read == 0 && buffer.Length > 0;
        if (_ended && (await program.ExitCodeAsync() == ConnectionBroke || _left > 0))
            throw new IOException("the answer has broken off");
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override async ValueTask DisposeAsync()
    {
        if (!Interlocked.Exchange(ref _stopped, true))
            await program.DisposeAsync();
        await base.DisposeAsync();
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !Interlocked.Exchange(ref _stopped, true))
            program.DisposeAsync().AsTask().GetAwaiter().GetResult();
        base.Dispose(disposing);
    }
}
