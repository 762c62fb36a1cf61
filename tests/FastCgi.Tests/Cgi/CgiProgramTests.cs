using System;
using System.Buffers;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Cgi;

/// <summary>Case 108: one request from environment and standard input, by the rules that hold for every other.</summary>
public class CgiProgramTests
{
    private static readonly (string, string) Get = ("REQUEST_METHOD", "GET");
    private static readonly (string, string) Post = ("REQUEST_METHOD", "POST");

    [Fact]
    [Case(108)]
    public async Task TheAnswerComesWithoutRecords()
    {
        using CgiRun run = new CgiRun().Start(new Site(Site.SayPath), Get, ("SCRIPT_NAME", "/cgi-bin/us"), ("PATH_INFO", "/api/x"));
        Assert.Equal(("Status: 200 OK\r\n\r\n/api/x", 0), await run.EndAsync());
        Assert.True(run.Log.IsSilent);
    }

    [Fact]
    [Case(94, 108)]
    public async Task HeadHasNoBody()
    {
        using CgiRun run = new CgiRun().Start(new Site(Site.SayPath), ("REQUEST_METHOD", "HEAD"), ("PATH_INFO", "/api/x"));
        Assert.Equal(("Status: 200 OK\r\n\r\n", 0), await run.EndAsync());
    }

    [Fact]
    [Case(24, 108)]
    public async Task VariablesArriveByteForByteAndWithoutTheProxyOfTheClient()
    {
        using CgiRun run = new CgiRun().Start(
            new Site((request, response) =>
            {
                Assert.False(request.Parameters.TryGetValue("HTTP_PROXY"u8, out _));
                response.Body.Write(request.Parameters["REMOTE_USER"u8]);
                response.Body.Write(request.Query);
                return default;
            }),
            Get, ("REMOTE_USER", "m\u00fcller"), ("QUERY_STRING", "\u0080\u00ff"), ("HTTP_PROXY", "http://evil"));
        Assert.Equal(("Status: 200 OK\r\n\r\nm\u00fcller\u0080\u00ff", 0), await run.EndAsync());
        Assert.True(run.Log.IsSilent);
    }

    [Theory]
    [Case(108)]
    [InlineData(200_000, 1 << 20, "200 OK")] // PARAMS of several records
    [InlineData(100_000, 65536, "431 Request Header Fields Too Large")]
    public async Task TheEnvironmentHasTheBoundOfParameters(int bytes, int most, string status)
    {
        using CgiRun run = new CgiRun { Limits = new ServerLimits { MaxParametersBytes = most } }
            .Start(new Site(Site.SayPath), ("LARGE", new string('x', bytes)), Get);
        (string text, int exitCode) = await run.EndAsync();
        Assert.StartsWith($"Status: {status}\r\n", text, StringComparison.Ordinal);
        Assert.Equal(0, exitCode);
    }

    [Theory]
    [Case(108)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65536)]
    [InlineData(1 << 20)]
    public async Task ABodyFromAPipeComesBackWhole(int bytes)
    {
        string body = Text(bytes);
        using CgiRun run = new CgiRun().Start(new Site(EchoAsItComes), Post, ("CONTENT_LENGTH", $"{bytes}"));
        Task writing = run.Body.WriteAsync(Encoding.Latin1.GetBytes(body)).AsTask(); // while the answer is not read: both pipes fill
        Assert.Equal(($"Status: 200 OK\r\n\r\n{body}", 0), await run.EndAsync());
        await writing.WaitAsync(Front.Deadline);
    }

    [Fact]
    [Case(108)]
    public async Task FilesDoForPipes()
    {
        string folder = Directory.CreateTempSubdirectory("cgi").FullName;
        string body = Text(1 << 20);
        string path = Path.Combine(folder, "body");
        await File.WriteAllTextAsync(path, body, Encoding.Latin1);
        using (FileStream input = File.OpenRead(path))
        using (FileStream output = File.Create(Path.Combine(folder, "answer")))
        using (var run = new CgiRun { Input = input.SafeFileHandle, Output = output.SafeFileHandle })
        {
            run.Start(new Site(EchoAsItComes), Post, ("CONTENT_LENGTH", $"{body.Length}"));
            Assert.Equal(0, await run.ExitCode.WaitAsync(Front.Deadline));
        }
        Assert.Equal($"Status: 200 OK\r\n\r\n{body}", await File.ReadAllTextAsync(Path.Combine(folder, "answer"), Encoding.Latin1));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [Case(108)]
    [InlineData("3", "abc")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public async Task NothingIsReadBeyondTheLength(string? length, string read)
    {
        using var run = new CgiRun();
        await run.Body.WriteAsync("abcdef"u8.ToArray());
        run.Start(new Site(Site.Echo), length is null ? [Post] : [Post, ("CONTENT_LENGTH", length)]);
        Assert.Equal(($"Status: 200 OK\r\n\r\n{read}", 0), await run.EndAsync());
        Assert.Equal("abcdef"[read.Length..], Left(run));
    }

    [Fact]
    [Case(74, 108)]
    public async Task ABodyCutShortIsNoWholeBody()
    {
        using CgiRun run = new CgiRun().Start(new Site(Site.Echo), Post, ("CONTENT_LENGTH", "10"));
        await run.Body.WriteAsync("abc"u8.ToArray());
        run.Body.Close();
        (string text, int exitCode) = await run.EndAsync();
        Assert.StartsWith("Status: 400 Bad Request\r\n", text, StringComparison.Ordinal);
        Assert.Equal(0, exitCode);
    }

    [Fact]
    [Case(67, 108)]
    public async Task ABodyThatDoesNotComeIsNotWaitedForForEver()
    {
        using CgiRun run = new CgiRun { Limits = new ServerLimits { BodyTimeout = TimeSpan.FromMilliseconds(1) } }
            .Start(new Site(Site.Echo), Post, ("CONTENT_LENGTH", "10"));
        (string text, int exitCode) = await run.EndAsync();
        Assert.StartsWith("Status: 408 Request Timeout\r\n", text, StringComparison.Ordinal);
        Assert.Equal(0, exitCode);
    }

    [Theory]
    [Case(77, 108)]
    [InlineData("-1", "400 Bad Request")]
    [InlineData("abc", "400 Bad Request")]
    [InlineData("1000000000", "413 Content Too Large")]
    public async Task AWrongLengthIsRefused(string length, string status)
    {
        using var run = new CgiRun();
        await run.Body.WriteAsync("abcdef"u8.ToArray());
        run.Body.Close();
        run.Start(new Site(Site.Echo), Post, ("CONTENT_LENGTH", length));
        (string text, int exitCode) = await run.EndAsync();
        Assert.StartsWith($"Status: {status}\r\n", text, StringComparison.Ordinal);
        Assert.Equal(0, exitCode);
    }

    [Fact]
    [Case(71, 108)]
    public async Task ABodyNobodyWantsIsTakenWithinABoundSoThatItsSenderIsNotCutOff()
    {
        using CgiRun run = new CgiRun { Limits = new ServerLimits { LingerBytes = 300_000 } }
            .Start(new Site(Site.SayPath), Post, ("PATH_INFO", "/x"), ("CONTENT_LENGTH", "200000"));
        await run.Body.WriteAsync(new byte[200_000]).AsTask().WaitAsync(Front.Deadline); // more than a pipe holds
        Assert.Equal(("Status: 200 OK\r\n\r\n/x", 0), await run.EndAsync());
    }

    [Fact]
    [Case(71, 108)]
    public async Task ABodyThatNeverComesIsNotLingeredFor()
    {
        using CgiRun run = new CgiRun { Limits = new ServerLimits { LingerTimeout = TimeSpan.FromMilliseconds(1) } }
            .Start(new Site(Site.SayPath), Post, ("PATH_INFO", "/x"), ("CONTENT_LENGTH", "200000"));
        Assert.Equal(("Status: 200 OK\r\n\r\n/x", 0), await run.EndAsync());
    }

    [Fact]
    [Case(102, 108)]
    public async Task AHandlerThatThrowsIsAnswered()
    {
        using CgiRun run = new CgiRun().Start(new Site((_, _) => throw new InvalidOperationException("no")), Get);
        (string text, int exitCode) = await run.EndAsync();
        Assert.StartsWith("Status: 500 Internal Server Error\r\n", text, StringComparison.Ordinal);
        Assert.Equal(0, exitCode);
        Assert.False(run.Log.IsSilent);
    }

    [Fact]
    [Case(102, 108, 119)]
    public async Task AnAnswerCutShortShowsInTheExitCode()
    {
        using CgiRun run = new CgiRun().Start(
            new Site(async (_, response) =>
            {
                response.Body.Write("part"u8);
                await response.Body.FlushAsync();
                throw new InvalidOperationException("no");
            }),
            Get);
        Assert.Equal(("Status: 200 OK\r\n\r\npart", 1), await run.EndAsync());
    }

    [Theory]
    [Case(62, 108)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AClientThatGoesWhileTheHandlerComputesCancelsIt(bool mayBlock)
    {
        var started = new TaskCompletionSource();
        using CgiRun run = new CgiRun().Start(
            new Site(
                async (request, _) =>
                {
                    started.SetResult();
                    await Site.Forever(request.Aborted);
                },
                mayBlock),
            Get);
        await started.Task.WaitAsync(Front.Deadline);
        run.Answer.Close();
        Assert.Equal(0, await run.ExitCode.WaitAsync(Front.Deadline));
        Assert.True(run.Log.IsSilent);
    }

    [Fact]
    [Case(64, 108)]
    public async Task AClientThatGoesInMidAnswerEndsIt()
    {
        using CgiRun run = new CgiRun().Start(
            new Site(async (_, response) =>
            {
                byte[] much = new byte[100_000];
                while (!(await response.Body.WriteAsync(much)).IsCompleted)
                {
                }
            }),
            Get);
        Assert.NotEqual(0, await run.Answer.ReadAsync(new byte[1000]));
        run.Answer.Close();
        Assert.Equal(0, await run.ExitCode.WaitAsync(Front.Deadline));
        Assert.True(run.Log.IsSilent);
    }

    [Fact]
    [Case(108)]
    public async Task AHandlerThatDoesNotHeedItsCancellationDoesNotKeepTheProcess()
    {
        using var go = new ManualResetEventSlim();
        var started = new TaskCompletionSource();
        using CgiRun run = new CgiRun { Limits = new ServerLimits { LingerTimeout = TimeSpan.FromMilliseconds(1) } }.Start(
            new Site(
                (_, _) =>
                {
                    started.SetResult();
                    go.Wait();
                    return default;
                },
                mayBlock: true),
            Get);
        await started.Task.WaitAsync(Front.Deadline);
        run.Answer.Close();
        Assert.Equal(0, await run.ExitCode.WaitAsync(Front.Deadline));
        go.Set();
    }

    private static string Text(int length) => string.Create(length, 0, static (text, _) =>
    {
        for (int i = 0; i < text.Length; i++)
            text[i] = (char)('!' + i % 89);
    });

    private static async ValueTask EchoAsItComes(FastCgiRequest request, FastCgiResponse response)
    {
        while (true)
        {
            System.IO.Pipelines.ReadResult read = await request.Body.ReadAsync();
            foreach (ReadOnlyMemory<byte> part in read.Buffer)
                await response.Body.WriteAsync(part);
            request.Body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return;
        }
    }

    private static string Left(CgiRun run)
    {
        run.Body.Close();
        using var rest = new StreamReader(new FileStream(run.PipeForBody, FileAccess.Read, bufferSize: 1));
        return rest.ReadToEnd();
    }
}
