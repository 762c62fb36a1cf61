using System;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using Xunit.Sdk;

namespace Qemu.Tests.Fixture;

/// <summary>
/// The root shell that the guest keeps on a console for tests. What a command writes ends with a marker that carries a number of
/// its own, so that nothing left over from an earlier command is taken for an answer.
/// </summary>
public sealed partial class GuestShell : IDisposable
{
    private static readonly TimeSpan HandshakePause = TimeSpan.FromSeconds(1);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly StringBuilder _read = new();
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _count;

    private GuestShell()
    {
    }

    /// <param name="path">Of the Unix socket that QEMU has made.</param>
    public static async Task<GuestShell> ConnectAsync(string path)
    {
        var shell = new GuestShell();
        try
        {
            await shell._socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            await shell.ReadyAsync();
            return shell;
        }
        catch
        {
            shell.Dispose();
            throw;
        }
    }

    /// <summary>Waits until the shell takes commands: while the guest starts, what is sent is lost.</summary>
    public Task ReadyAsync() => Patience.UntilAsync("the guest's shell takes commands", async () => await AskAsync("true") is not null);

    /// <summary>Runs a short command of a machine that may be going down.</summary>
    /// <returns>What it has written; null when its end does not come.</returns>
    public async Task<string?> AskAsync(string command)
    {
        int number = await SendAsync(command);
        using var pause = new CancellationTokenSource(HandshakePause);
        try
        {
            return (await AnswerAsync(number, pause.Token)).Output;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Runs a command that is expected to succeed.</summary>
    /// <returns>What it has written to standard output and error, without the last line's end.</returns>
    public async Task<string> RunAsync(string command)
    {
        (int exitCode, string output) = await TryAsync(command);
        return exitCode == 0 ? output : throw new XunitException($"in the guest, '{command}' ended with {exitCode}: {output}");
    }

    /// <summary>Runs a command to its end, whatever it is.</summary>
    public async Task<(int ExitCode, string Output)> TryAsync(string command)
    {
        using var deadline = new CancellationTokenSource(Patience.Deadline);
        int number = await SendAsync(command);
        try
        {
            return await AnswerAsync(number, deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new XunitException($"in the guest, '{command}' did not end within {Patience.Deadline.TotalSeconds} s: {_read}");
        }
    }

    /// <summary>Sends a command that nobody waits for, because the machine goes down with it.</summary>
    public Task LeaveAsync(string command) => _socket.SendAsync(Encoding.UTF8.GetBytes(command + "\n"));

    public void Dispose() => _socket.Dispose();

    private async Task<int> SendAsync(string command)
    {
        int number = ++_count;
        await LeaveAsync(string.Create(CultureInfo.InvariantCulture, $"{{ {command}\n}} 2>&1; echo \"@ended {number} $?\""));
        return number;
    }

    private async Task<(int ExitCode, string Output)> AnswerAsync(int number, CancellationToken cancelled)
    {
        while (true)
        {
            foreach (Match end in EndOfAnswer().Matches(_read.ToString()))
            {
                if (int.Parse(end.Groups["number"].Value, CultureInfo.InvariantCulture) != number)
                    continue;
                string output = _read.ToString(0, end.Index).TrimEnd('\n');
                _read.Remove(0, end.Index + end.Length);
                return (int.Parse(end.Groups["code"].Value, CultureInfo.InvariantCulture), output);
            }
            int length = await _socket.ReceiveAsync(_buffer, cancelled);
            if (length == 0)
                throw new XunitException($"the guest's console has gone: {_read}");
            _read.Append(Encoding.UTF8.GetString(_buffer, 0, length));
        }
    }

    [GeneratedRegex(@"@ended (?<number>\d+) (?<code>\d+)\n")]
    private static partial Regex EndOfAnswer();
}
