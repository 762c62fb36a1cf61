using System;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Protocol;

namespace FastCgi;

/// <summary>How what was written leaves: record by record with each flush, and with the end in one piece.</summary>
internal sealed partial class ResponseBody
{
    private const int FlushesBeforeYield = 32; // a front as fast as the handler would keep the thread that serves everybody

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfEnded();
        if (_rule == BodyRule.Withhold)
            return new FlushResult(isCanceled: false, isCompleted: IsUnwanted);
        bool taken = _buffers.FullRecords == 0 || await SendFullAsync().ConfigureAwait(false);
        ReadOnlyMemory<byte> last = _buffers.CloseCurrent(_request.Id);
        if (!last.IsEmpty)
        {
            taken = await SendAsync(last, isAll: true).ConfigureAwait(false);
            _buffers.ReuseCurrent();
        }
        // Sockets resume on the thread that serves everybody; a handler that may block has to leave it.
        if (!_request.HandlerMayBlock && ++_flushes % FlushesBeforeYield == 0)
            await _request.Connection.OthersFirst();
        else if (_request.HandlerMayBlock && !Thread.CurrentThread.IsThreadPoolThread)
            await Task.Yield();
        return new FlushResult(isCanceled: false, isCompleted: !taken || IsUnwanted);
    }

    /// <summary>Sends what is left, the end of STDOUT and END_REQUEST.</summary>
    /// <exception cref="InvalidOperationException">The body is shorter than its Content-Length.</exception>
    public ValueTask CompleteAsync(EndRequestBody end)
    {
        if (_rule == BodyRule.Send && _written < _declared)
            throw new InvalidOperationException($"the body has {_written} of {_declared} bytes its Content-Length says");
        return EndAsync(end);
    }

    public async ValueTask EndAsync(EndRequestBody end)
    {
        ThrowIfEnded(); // or it failed to: then the connection has to say so
        _ended = true;
        if (_bodyComesFirst)
            await WaitForBodyAsync().ConfigureAwait(false);
        if (_buffers.FullRecords > 0)
            await SendFullAsync().ConfigureAwait(false);
        if (_errorsLength > 0)
            await SendErrorsAsync().ConfigureAwait(false);

        // From here the front may use the id again: the last bytes leave after the request has given it back.
        if (_standsIn || RequestTable.TryReleaseId(_request))
            await SendAsync(_buffers.CloseLast(_request.Id, end), isAll: true).ConfigureAwait(false);
        DropUnsent();
    }

    private bool IsUnwanted => _request.IsCancelled || _request.Connection.Output.IsBroken;

    private async ValueTask<bool> SendFullAsync()
    {
        bool taken = true;
        for (int i = 0; i < _buffers.FullRecords && taken; i++)
            taken = await SendAsync(_buffers.Full(i), isAll: i == _buffers.FullRecords - 1 && !_buffers.HasCurrent).ConfigureAwait(false);
        _buffers.DropFull();
        return taken;
    }

    /// <summary>What was written before goes first: nginx stops reading at the end of STDOUT, and counts what comes before the header as header.</summary>
    private async ValueTask SendErrorsAsync()
    {
        ReadOnlyMemory<byte> last = _buffers.CloseCurrent(_request.Id);
        if (!last.IsEmpty)
            await SendAsync(last, isAll: true).ConfigureAwait(false);
        _buffers.ReuseCurrent();
        byte[] records = new byte[RecordWriter.LengthOf(_errorsLength) + RecordWriter.LengthOf(0)];
        WriteErrorRecords(records);
        await SendAsync(records, isAll: true).ConfigureAwait(false);
    }

    private void WriteErrorRecords(Span<byte> records)
    {
        var writer = new RecordWriter(records);
        writer.WriteRecord(RecordType.Stderr, _request.Id, _errors.AsSpan(0, _errorsLength));
        writer.WriteEndOfStream(RecordType.Stderr, _request.Id);
    }

    private ValueTask<bool> SendAsync(ReadOnlyMemory<byte> records, bool isAll)
    {
        _sendsAll = isAll;
        ValueTask<bool> sending = _bodyComesFirst ? SendBehindBodyAsync(records) : _request.Connection.Output.SendAsync(records, this);
        return sending.IsCompleted ? sending : CountAsync(sending, Math.Max(records.Length, _buffers.Content));
    }

    private async ValueTask<bool> SendBehindBodyAsync(ReadOnlyMemory<byte> records)
    {
        await WaitForBodyAsync().ConfigureAwait(false);
        return await _request.Connection.Output.SendAsync(records, this).ConfigureAwait(false);
    }

    /// <summary>What is held until the front takes it counts towards <see cref="ServerLimits.MaxUnsentBytes"/>.</summary>
    private async ValueTask<bool> CountAsync(ValueTask<bool> sending, int held)
    {
        _request.Connection.CountUnsent(held);
        try
        {
            return await sending.ConfigureAwait(false);
        }
        finally
        {
            _request.Connection.CountUnsent(-held);
        }
    }

    private async ValueTask WaitForBodyAsync()
    {
        await _request.Input.WhenEndedAsync().ConfigureAwait(false);
        _bodyComesFirst = false;
    }
}
