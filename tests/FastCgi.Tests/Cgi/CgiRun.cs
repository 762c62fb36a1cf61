using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Tasks;
using FastCgi.Tests.Harness;
using FastCgi.Transport;
using Microsoft.Win32.SafeHandles;

namespace FastCgi.Tests.Cgi;

/// <summary>A CGI program in this process: pipes stand for its standard input and output, a thread for it.</summary>
internal sealed class CgiRun : IDisposable
{
    private readonly AnonymousPipeServerStream _body = new(PipeDirection.Out);
    private readonly AnonymousPipeServerStream _answer = new(PipeDirection.In);
    private readonly AnonymousPipeServerStream _error = new(PipeDirection.In);
    private readonly EventLoop _loop = new();
    private bool _ended;

    /// <summary>Written to and read by the test, as a web server does.</summary>
    public Stream Body => _body;

    public Stream Answer => _answer;

    public MemoryLog Log { get; } = new();

    public ServerLimits Limits { get; init; } = new();

    /// <summary>What standard input is when not the pipe.</summary>
    public SafeHandle? Input { get; init; }

    /// <summary>What standard output is when not the pipe.</summary>
    public SafeHandle? Output { get; init; }

    /// <summary>The end of the pipe that the program reads from.</summary>
    public SafeFileHandle PipeForBody => new(_body.ClientSafePipeHandle.DangerousGetHandle(), ownsHandle: false);

    /// <summary>The exit code, once the program has ended.</summary>
    public Task<int> ExitCode { get; private set; } = Task.FromResult(-1);

    public CgiRun Start(IRequestRouter router, params (string Name, string Value)[] variables)
    {
        var pairs = new List<KeyValuePair<byte[], byte[]>>();
        foreach ((string name, string value) in variables)
            pairs.Add(new(Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(value)));
        var transport = new CgiTransport(
            _loop, new CgiRequest(pairs), Number(Input ?? _body.ClientSafePipeHandle), Number(Output ?? _answer.ClientSafePipeHandle),
            Number(_error.ClientSafePipeHandle));
        ExitCode = Task.Factory.StartNew(() => Run(transport, router), TaskCreationOptions.LongRunning);
        return this;
    }

    /// <summary>All of the answer, and the exit code.</summary>
    public async Task<(string Text, int ExitCode)> EndAsync()
    {
        using var all = new MemoryStream();
        await _answer.CopyToAsync(all).WaitAsync(Front.Deadline);
        return (Encoding.Latin1.GetString(all.ToArray()), await ExitCode.WaitAsync(Front.Deadline));
    }

    public void Dispose()
    {
        EndProgram();
        _body.Dispose();
        _answer.Dispose();
        _error.Dispose();
        _loop.Dispose();
    }

    private int Run(CgiTransport transport, IRequestRouter router)
    {
        try
        {
            return CgiProgram.Run(_loop, transport, router, Limits, Log);
        }
        finally
        {
            EndProgram();
        }
    }

    /// <summary>A process that ends closes its descriptors.</summary>
    private void EndProgram()
    {
        lock (_loop)
        {
            if (_ended)
                return;
            _ended = true;
            _answer.DisposeLocalCopyOfClientHandle();
            _error.DisposeLocalCopyOfClientHandle();
        }
    }

    private static int Number(SafeHandle handle) => (int)handle.DangerousGetHandle();
}
