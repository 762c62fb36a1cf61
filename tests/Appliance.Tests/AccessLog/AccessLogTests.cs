using System;
using System.IO;
using System.Threading.Tasks;
using Appliance.AccessLog;
using Appliance.Tests.Settings;
using Xunit;

namespace Appliance.Tests.AccessLog;

public class AccessLogTests
{
    [Fact]
    public async Task TheDefaultIsTheCombinedFormat()
    {
        await using var service = new RunningService("""{"Log": {"Access": "$/access"}}""");
        await service.AskAsync(
            ("REMOTE_ADDR", "192.0.2.7"), ("REMOTE_USER", "anna"), ("REQUEST_URI", "/api/health?x=1"), ("QUERY_STRING", "x=1"),
            ("SERVER_PROTOCOL", "HTTP/1.1"), ("HTTP_REFERER", "http://here/"), ("HTTP_USER_AGENT", "Mozilla/5.0 (X11)"));
        Assert.Matches(
            """^192\.0\.2\.7 - anna \[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} \+0000\] "GET /api/health\?x=1 HTTP/1\.1" 200 15 "http://here/" "Mozilla/5\.0 \(X11\)"$""",
            Assert.Single(service.Lines("access", 1)));
    }

    [Theory]
    [InlineData("%m|%U|%q|%H", "GET|/api/health|?a=b|HTTP/2.0")]
    [InlineData("%s %b %B %X", "200 15 15 +")]
    [InlineData("%a %u", "- -")]
    [InlineData("%r", "GET /api/health?a=b HTTP/2.0")]
    [InlineData("%{X-One-Two}i %{x-one-two}i %{Missing}i", "1 2 1 2 -")]
    [InlineData("100%% ü", "100% ü")]
    [InlineData("", "")]
    public async Task EachCodeStandsForItsValue(string format, string expected)
    {
        await using var service = new RunningService("""{"Log": {"Access": "$/access", "AccessFormat": "FORMAT"}}""".Replace("FORMAT", format, StringComparison.Ordinal));
        await service.AskAsync(("QUERY_STRING", "a=b"), ("SERVER_PROTOCOL", "HTTP/2.0"), ("HTTP_X_ONE_TWO", "1 2"));
        Assert.Equal(expected, Assert.Single(service.Lines("access", 1)));
    }

    [Fact]
    public async Task DurationsAreMicrosecondsAndSeconds()
    {
        await using var service = new RunningService("""{"Log": {"Access": "$/access", "AccessFormat": "%D %T"}}""");
        await service.AskAsync();
        string[] numbers = Assert.Single(service.Lines("access", 1)).Split(' ');
        Assert.InRange(long.Parse(numbers[0], null), 1, 60_000_000);
        Assert.InRange(long.Parse(numbers[1], null), 0, 60);
    }

    [Fact]
    public async Task AnswersWithoutABodyAndRefusedRequestsHaveTheirLinesToo()
    {
        await using var service = new RunningService("""{"Log": {"Access": "$/access", "AccessFormat": "%m %U %s %b %B"}}""");
        await service.AskAsync(("REQUEST_METHOD", "HEAD"));
        await service.AskAsync(("SCRIPT_NAME", "/nowhere"), ("REMOTE_USER", "admin"), ("AUTH_TYPE", "Basic"));
        await service.AskAsync(("CONTENT_LENGTH", "-1"));
        string[] lines = service.Lines("access", 3);
        Assert.Equal("HEAD /api/health 200 - 0", lines[0]);
        Assert.Matches("^GET /nowhere 404 [0-9]+ [0-9]+$", lines[1]);
        Assert.Matches("^GET /api/health 400 [0-9]+ [0-9]+$", lines[2]);
    }

    [Fact]
    public async Task NothingAClientSendsBreaksALineOrAField()
    {
        await using var service = new RunningService("""{"Log": {"Access": "$/access", "AccessFormat": "%U %u \"%{User-Agent}i\""}}""");
        await service.AskAsync(
            ("SCRIPT_NAME", "/a b\x7f\xe9"),
            ("REMOTE_USER", "eve\n192.0.2.1 - root"),
            ("HTTP_USER_AGENT", "a b\" \\ \r\n\t\0\x1b[31m"));
        Assert.Equal(
            """/a\x20b\x7f\xe9 eve\n192.0.2.1\x20-\x20root "a b\" \\ \r\n\t\x00\x1b[31m" """.TrimEnd(),
            Assert.Single(service.Lines("access", 1)));
    }

    [Fact]
    public async Task AVeryLongValueIsCut()
    {
        await using var service = new RunningService("""{"Log": {"Access": "$/access", "AccessFormat": "%{User-Agent}i"}}""");
        await service.AskAsync(("HTTP_USER_AGENT", new string('"', 20_000)));
        Assert.Equal(string.Concat(System.Linq.Enumerable.Repeat("\\\"", 1024)) + "...", Assert.Single(service.Lines("access", 1)));
    }

    [Fact]
    public async Task AReloadOpensTheFileAnewAfterARotation()
    {
        await using var service = new RunningService("""{"Log": {"Access": "$/access", "AccessFormat": "%U"}}""");
        await service.AskAsync(("SCRIPT_NAME", "/one"));
        service.Lines("access", 1);
        File.Move(service.At("access"), service.At("access.1"));
        await service.AskAsync(("SCRIPT_NAME", "/two"));
        service.Lines("access.1", 2);

        service.Reload();
        await service.AskAsync(("SCRIPT_NAME", "/three"));

        Assert.Equal(["/three"], service.Lines("access", 1));
        Assert.Equal(["/one", "/two"], File.ReadAllLines(service.At("access.1")));
    }

    [Fact]
    public async Task AReloadChangesTheFormatAndSwitchesItOnAndOff()
    {
        await using var service = new RunningService();
        await service.AskAsync();
        service.Settings = """{"Log": {"Access": "$/access", "AccessFormat": "on %s"}}""";
        service.Reload();
        await service.AskAsync();
        Assert.Equal(["on 200"], service.Lines("access", 1));

        service.Settings = """{"Log": {"Access": "$/access", "AccessFormat": "other %s"}}""";
        service.Reload();
        await service.AskAsync();
        Assert.Equal(["on 200", "other 200"], service.Lines("access", 2));

        service.Settings = "{}";
        service.Reload();
        await service.AskAsync();
        await service.AskAsync();
        Assert.Equal(2, service.Lines("access", 2).Length);
    }

    [Fact]
    public void AFileThatCannotBeOpenedSaysWhichAndWhy()
    {
        var e = Assert.Throws<IOException>(() => new AccessLogWriter("/nonexistent/access", AccessLogFormat.Parse("%s")));
        Assert.Equal("/nonexistent/access: No such file or directory", e.Message);
    }

    [Theory]
    [InlineData("%z", "%z")]
    [InlineData("a %s %", "%")]
    [InlineData("%{User-Agent}", "%{User-Agent}")]
    [InlineData("%{User-Agent}o", "%{User-Agent}o")]
    [InlineData("%{}i", "%{}i")]
    [InlineData("%{User-Agent", "%{User-Agent")]
    public void AnUnknownCodeIsRefusedByItsName(string format, string code)
    {
        string refusal = TemporarySettings.Refusal($"{{\n  \"Log\": {{\n    \"AccessFormat\": \"{format}\"\n  }}\n}}\n");
        Assert.Equal(
            $"appliance.json:3: Log:AccessFormat is \"{format}\": expected no codes but %a %u %t %m %U %q %H %r %s %b %B %D %T %X %{{Name}}i %%, not \"{code}\"",
            refusal);
    }

    [Fact]
    public void AFormatIsOneLine() => Assert.EndsWith(
        "expected one line without control characters", TemporarySettings.Refusal("""{"Log": {"AccessFormat": "%s\n%u"}}"""), StringComparison.Ordinal);

    [Theory]
    [InlineData("off", null)]
    [InlineData("stderr", "stderr")]
    [InlineData("/var/log/access", "/var/log/access")]
    public void TheDestinationIsNowhereStandardErrorOrAFile(string value, string? expected) =>
        Assert.Equal(expected, TemporarySettings.Load(Access(value)).AccessLogTo);

    [Theory]
    [InlineData("")]
    [InlineData("on")]
    [InlineData("access.log")]
    [InlineData("/a\\u0000b")]
    public void AnotherDestinationIsRefused(string value) => Assert.EndsWith(
        "expected off, stderr or an absolute path", TemporarySettings.Refusal(Access(value)), StringComparison.Ordinal);

    private static string Access(string value) => $"{{\"Log\": {{\"Access\": \"{value}\"}}}}";
}
