using System;
using System.IO;
using System.IO.Pipes;
using System.Text;
using System.Threading.Tasks;
using Xunit;

namespace Appliance.Tests;

/// <summary>Nobody reads the pipe but the tests.</summary>
public sealed class LogStreamTests : IDisposable
{
    private readonly AnonymousPipeServerStream _reader = new(PipeDirection.In);
    private readonly LogStream _log;

    public LogStreamTests() => _log = new LogStream((int)_reader.ClientSafePipeHandle.DangerousGetHandle());

    public void Dispose() => _reader.Dispose();

    [Fact]
    public async Task AReaderThatFallsBehindHoldsUpNobodyAndIsToldHowManyLinesItHasMissed()
    {
        const int Lines = 10_000; // far more than a pipe holds
        string line = $"{new string('x', 99)}\n";
        for (int i = 0; i < Lines; i++)
            _log.Write(Encoding.ASCII.GetBytes(line));
        string before = await ReadAvailableAsync();
        _log.Write("afterwards\n"u8);
        string[] after = (await ReadToEndAsync()).Split('\n');

        int read = before.Split(line).Length - 1;
        Assert.Equal(line.Length * read, before.Length); // whole lines
        Assert.InRange(read, 1, Lines - 1);
        Assert.EndsWith($" warning: lines lost, because nobody has read the log: {Lines - read}", after[0], StringComparison.Ordinal);
        Assert.Equal(["afterwards", ""], after[1..]);
    }

    [Fact]
    public async Task ALineLongerThanAPipeTakesAtOnceIsCutBetweenTwoCharacters()
    {
        _log.Write(Encoding.UTF8.GetBytes($"{new string('ü', 3000)}\n"));
        _log.Write("next\n"u8);

        Assert.Equal($"{new string('ü', 2047)}\nnext\n", await ReadToEndAsync());
    }

    [Fact]
    public void WithoutAReaderWhatIsWrittenIsLost()
    {
        var nobody = new LogStream(-1);
        nobody.Write("nobody reads this\n"u8);
    }

    private async Task<string> ReadAvailableAsync()
    {
        byte[] buffer = new byte[1 << 20];
        return Encoding.UTF8.GetString(buffer, 0, await _reader.ReadAsync(buffer));
    }

    private async Task<string> ReadToEndAsync()
    {
        _reader.DisposeLocalCopyOfClientHandle();
        using var text = new StreamReader(_reader);
        return await text.ReadToEndAsync();
    }
}
