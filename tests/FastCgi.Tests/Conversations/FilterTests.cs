using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Threading.Tasks;
using FastCgi.Protocol;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Conversations;

/// <summary>Case 105: a filter gets the body, then the file it is to work on (§6.4).</summary>
public class FilterTests
{
    [Fact]
    [Case(105)]
    public void TheFileComesBehindTheBody()
    {
        Reply reply = new Front(Playing(BodyAndFileAsync)).Ask(Question("some body", "the file itself").Then(
            new Wire().Record(RecordType.Stdin, 1, "some body"u8).EndStdin(1).Record(RecordType.Data, 1, "the file "u8)
                .Record(RecordType.Data, 1, "itself"u8).Record(RecordType.Data, 1, [])));
        Assert.Equal("some body|the file itself", reply.Text);
    }

    [Theory]
    [Case(105)]
    [InlineData(false)]
    [InlineData(true)]
    public void NothingIsSentBeforeTheBodyHasEnded(bool mayBlock)
    {
        var front = new Front(Playing(async (_, response) =>
        {
            response.Body.Write("early"u8);
            await response.Body.FlushAsync();
        }, mayBlock));
        front.Send(Question("abc", "")).Send(new Wire().Stdin(1, "ab")).WaitUntilServerWaits();
        Assert.Empty(front.Output.Records);
        Assert.Equal("early", front.Send(new Wire().Stdin(1, "c").EndStdin(1)).Reply().Text);
    }

    [Fact]
    [Case(50, 105)]
    public void ABodyThatIsNotReadDoesNotKeepTheAnswerBackForEver()
    {
        var front = new Front(Playing(Site.SayPath), new ServerLimits { BodyBufferBytes = 1000 });
        front.Send(Question(new string('x', 20_000), ""));
        for (int i = 0; i < 20; i++)
            front.Send(new Wire().Stdin(1, new string('x', 1000)));
        Assert.Equal("/filter", front.Send(new Wire().EndStdin(1)).Reply().Text);
    }

    [Fact]
    [Case(50, 105)]
    public void ABodyThatIsNotReadDoesNotKeepTheFileBack()
    {
        // found by the fuzzer: the handler waited for the file, the reader for the handler to read the body
        var front = new Front(Playing(async (request, response) =>
        {
            ReadResult read = await request.File.ReadAsync();
            response.Body.Write(read.Buffer.FirstSpan);
            request.File.AdvanceTo(read.Buffer.End);
        }), new ServerLimits { BodyBufferBytes = 1000 });
        front.Send(Question(new string('x', 20_000), "file")).Send(new Wire().Stdin(1, new string('x', 20_000)).EndStdin(1));
        Assert.Equal("file", front.Send(new Wire().Record(RecordType.Data, 1, "file"u8).Record(RecordType.Data, 1, [])).Reply().Text);
    }

    [Fact]
    [Case(105)]
    public void AFileBeforeTheEndOfTheBodyClosesTheConnection()
    {
        var front = new Front(Playing(BodyAndFileAsync));
        front.Send(Question("b", "f")).Send(new Wire().Record(RecordType.Data, 1, "f"u8)).WaitForClose();
        Assert.Contains("DATA of request id 1 before", front.Log.Only(ServerLogLevel.Warning), StringComparison.Ordinal);
    }

    [Fact]
    [Case(67, 105)]
    public void ABodyThatStopsArrivingDoesNotKeepTheAnswerBackForEver()
    {
        var front = new Front(Playing(Site.SayPath));
        front.Send(Question("abc", "")).WaitUntilServerWaits().SweepAfter(66);
        Assert.Equal("/filter", front.Reply().Text);
    }

    [Fact]
    [Case(64, 105)]
    public void AFrontThatClosesInTheBodyEndsTheWait()
    {
        var front = new Front(Playing(Site.SayPath));
        front.Send(Question("abc", "")).WaitUntilServerWaits().Close();
        Assert.Empty(front.Output.Records);
    }

    [Fact]
    [Case(105)]
    public void AFileShorterThanItsLengthIsAnError()
    {
        var front = new Front(Playing(BodyAndFileAsync));
        Reply reply = front.Ask(Question("", "12345").Then(
            new Wire().EndStdin(1).Record(RecordType.Data, 1, "1234"u8).Record(RecordType.Data, 1, [])));
        Assert.Equal("400 Bad Request", reply.Status);
        Assert.Contains("the file ends after 4 of 5 bytes", reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [Case(105)]
    [InlineData("12345")]
    [InlineData("123456789")]
    [InlineData("1", "234", "56", "789")]
    public void OfAFileLongerThanItsLengthNoMoreThanThatIsReadAndItIsFlagged(params string[] pieces)
    {
        bool? differs = null;
        var front = new Front(
            Playing(async (request, response) =>
            {
                await BodyAndFileAsync(request, response);
                differs = request.FileLengthDiffers;
            }),
            new ServerLimits { MaxBodyBytes = 5 });
        Wire file = new();
        foreach (string piece in pieces)
            file.Record(RecordType.Data, 1, Encoding.ASCII.GetBytes(piece));
        Reply reply = front.Ask(Question("", "12345").Then(new Wire().EndStdin(1)).Then(file.Record(RecordType.Data, 1, [])));
        Assert.Equal("|12345", reply.Text);
        Assert.Equal(string.Concat(pieces).Length > 5, differs);
    }

    [Fact]
    [Case(77, 105)]
    public void ALengthThatIsNoneIsRefused()
    {
        var front = new Front(Playing(BodyAndFileAsync));
        Reply reply = front.Ask(new Wire().Begin(1, role: 3).Variables(1, ("REQUEST_METHOD", "GET"), ("FCGI_DATA_LENGTH", "-1"))
            .EndStdin(1).Record(RecordType.Data, 1, []));
        Assert.Contains("FCGI_DATA_LENGTH \\u0022-1\\u0022", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    [Case(105)]
    public void OtherRolesHaveNoFile()
    {
        var front = new Front((request, _) =>
        {
            Assert.Throws<InvalidOperationException>(() => request.File);
            return default;
        });
        Assert.Equal("200 OK", front.Ask(Wire.Get()).Status);
    }

    [Fact]
    [Case(11, 105)]
    public void TheNextRequestInTheRoleStartsAnew()
    {
        var front = new Front(Playing(BodyAndFileAsync));
        for (int i = 0; i < 3; i++)
        {
            byte[] all = Question("b", "f").Then(new Wire().Stdin(1, "b").EndStdin(1).Record(RecordType.Data, 1, "f"u8).Record(RecordType.Data, 1, []));
            Assert.Equal("b|f", front.Ask(all).Text);
        }
    }

    private static Wire Question(string body, string file) => new Wire().Begin(1, role: 3).Variables(
        1, ("REQUEST_METHOD", "POST"), ("SCRIPT_NAME", "/filter"), ("CONTENT_LENGTH", $"{body.Length}"), ("FCGI_DATA_LENGTH", $"{file.Length}"));

    private static Site Playing(Handling handle, bool mayBlock = false) => new(handle, mayBlock) { Roles = [Role.Filter] };

    private static async ValueTask BodyAndFileAsync(FastCgiRequest request, FastCgiResponse response)
    {
        byte[] body = await Site.ReadAllAsync(request);
        var file = new StringBuilder();
        ReadResult read;
        do
        {
            read = await request.File.ReadAsync();
            file.Append(Encoding.ASCII.GetString(read.Buffer.ToArray()));
            request.File.AdvanceTo(read.Buffer.End);
        }
        while (!read.IsCompleted);
        response.Body.Write([.. body, (byte)'|', .. Encoding.ASCII.GetBytes($"{file}")]);
    }
}
