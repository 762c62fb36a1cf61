using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Integration.Tests.Fronts;
using Integration.Tests.Starts;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Status;

/// <summary><c>GET /api/status/stream</c> of the appliance behind each front, which must pass every event on at once.</summary>
/// <param name="front">How figures name it.</param>
/// <param name="output">Where they go.</param>
public abstract class StreamTests(string front, ITestOutputHelper output)
{
    private const int Watchers = 100;
    private const int EventsOfEach = 5;

    /// <summary>Long enough to tell a late event from one that waited for the next, short enough that no comment comes between them.</summary>
    private const int QuietInterval = 3;

    private const int LongestInterval = 60;

    protected ITestOutputHelper Output => output;

    /// <summary>Each arrives before the next one happens, with nothing sent in between that could have pushed it on.</summary>
    protected async Task AssertEventsArriveAsTheyHappenAsync(HttpClient client)
    {
        List<(long Id, double Taken, double Arrived)> events = [];
        using (Stream stream = await OpenAsync(client, $"interval={QuietInterval}"))
        using (var reader = new StreamReader(stream))
        {
            while (events.Count < EventsOfEach)
            {
                StreamEvent next = await ReadEventAsync(reader);
                events.Add((next.Id, next.Uptime, Uptime()));
            }
        }

        IEnumerable<double> late = events.Select(sent => sent.Arrived - sent.Taken).Order();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"figures: events through {front}: {late.ElementAt(EventsOfEach / 2):0.00} s from the sample to the client (median of {EventsOfEach}), {late.Last():0.00} s at most"));
        // The first comes at once, so the second may be due a second later: from there on they are an interval apart.
        for (int i = 2; i < events.Count; i++)
        {
            Assert.True(events[i].Id > events[i - 1].Id, $"event {events[i].Id} after {events[i - 1].Id}");
            Assert.True(
                events[i - 1].Arrived < events[i].Taken,
                $"event {events[i - 1].Id} happened at {events[i - 1].Taken}, came at {events[i - 1].Arrived}, and the next happened at {events[i].Taken}");
        }
    }

    /// <summary>Whoever gets an event gets the same bytes, and when all have left, the backend is as before.</summary>
    protected async Task AssertManyWatchOneSamplingAsync(HttpClient client)
    {
        Stream[] streams = await Task.WhenAll(Enumerable.Range(0, Watchers).Select(_ => OpenAsync(client, "")));
        try
        {
            StreamEvent[][] watched = await Task.WhenAll(streams.Select(ReadEventsAsync));
            Assert.All(watched.SelectMany(events => events).GroupBy(sent => sent.Id), same => Assert.Single(same.Select(sent => sent.Data).Distinct()));
            Assert.NotEmpty(watched.Select(events => events.Select(sent => sent.Id)).Aggregate((some, others) => some.Intersect(others)));
        }
        finally
        {
            foreach (Stream stream in streams)
                await stream.DisposeAsync();
        }

        var clock = Stopwatch.StartNew();
        await NobodyWatchesAsync(client);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"figures: {Watchers} watchers through {front}: the backend had none of them {clock.Elapsed.TotalSeconds:0.0} s after they left"));
    }

    /// <summary>Also behind a front that does not say that its client has left: what is sent to it finds out.</summary>
    protected static async Task AssertWatchersThatLeaveAreForgottenAsync(HttpClient client)
    {
        for (int i = 0; i < 3; i++)
        {
            using Stream stream = await OpenAsync(client, $"interval={LongestInterval}");
            using var reader = new StreamReader(stream);
            await ReadEventAsync(reader);
        }
        await NobodyWatchesAsync(client);
    }

    private static Task NobodyWatchesAsync(HttpClient client) => Eventually.TrueAsync("no stream is left", async () =>
    {
        using JsonDocument responder = JsonDocument.Parse(await client.GetStringAsync("api/responder"));
        return responder.RootElement.GetProperty("connections").GetProperty("active").GetInt32() == 1
            && responder.RootElement.GetProperty("open_requests").EnumerateArray()
                .All(request => !request.GetProperty("uri").GetString()!.Contains("stream", StringComparison.Ordinal));
    });

    private static async Task<Stream> OpenAsync(HttpClient client, string query)
    {
        HttpResponseMessage response = await client.GetAsync($"api/status/stream?{query}", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.ToString());
        Assert.True(response.Headers.CacheControl!.NoStore);
        return await response.Content.ReadAsStreamAsync();
    }

    private static async Task<StreamEvent[]> ReadEventsAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        var events = new StreamEvent[EventsOfEach];
        for (int i = 0; i < events.Length; i++)
            events[i] = await ReadEventAsync(reader);
        return events;
    }

    private static async Task<StreamEvent> ReadEventAsync(StreamReader reader)
    {
        long id = 0;
        while (true)
        {
            string line = await reader.ReadLineAsync().WaitAsync(Eventually.Deadline) ?? throw new EndOfStreamException("the stream ended");
            Assert.False(line.StartsWith(':'), "a comment came before the event");
            if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = long.Parse(line["id: ".Length..], CultureInfo.InvariantCulture);
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                return new StreamEvent(id, line["data: ".Length..]);
        }
    }

    private static double Uptime() => double.Parse(File.ReadAllText("/proc/uptime").Split(' ').First(), CultureInfo.InvariantCulture);

    private sealed record StreamEvent(long Id, string Data)
    {
        /// <summary>When the sample was taken, in seconds since the machine started, with two decimals.</summary>
        public double Uptime
        {
            get
            {
                using JsonDocument data = JsonDocument.Parse(Data);
                return data.RootElement.GetProperty("uptime_seconds").GetDouble();
            }
        }
    }
}

/// <summary>lighttpd as it ships.</summary>
public class LighttpdStreamTests(ITestOutputHelper output) : StreamTests("lighttpd", output)
{
    [NativeFact]
    public async Task EventsArriveAsTheyHappenAndWhoLeavesIsForgotten()
    {
        await using Lighttpd front = await Lighttpd.StartAsync("appliance");
        using HttpClient client = front.NewClient();
        await AssertEventsArriveAsTheyHappenAsync(client);
        await AssertManyWatchOneSamplingAsync(client);
        await AssertWatchersThatLeaveAreForgottenAsync(client);
        Output.WriteLine(front.Log);
    }

    [NativeFact]
    public async Task AnIntervalOutOfBoundsIsRefusedWithTheBounds()
    {
        await using Lighttpd front = await Lighttpd.StartAsync("appliance");
        using HttpClient client = front.NewClient();
        using HttpResponseMessage response = await client.GetAsync("api/status/stream?interval=61");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("from 1 to 60", await response.Content.ReadAsStringAsync());
    }

    /// <summary>It would take DrainTimeout, 20 s, if the stream were waited for; then the backend would say that it was cut off.</summary>
    [NativeFact]
    public async Task AStopWaitsForNoStream()
    {
        await using Lighttpd front = await Lighttpd.StartAsync("appliance");
        using HttpClient client = front.NewClient();
        using Stream stream = await client.GetStreamAsync("api/status/stream?interval=60");
        Signals.Send(front.BackendPid(), Signals.Terminate);
        using var reader = new StreamReader(stream);
        Assert.StartsWith("retry: ", await reader.ReadToEndAsync().WaitAsync(Eventually.Deadline), StringComparison.Ordinal);
        Assert.DoesNotContain("cut off", front.Log, StringComparison.Ordinal);
    }
}

/// <summary>nginx, which buffers unless an answer says otherwise.</summary>
[Needs("nginx")]
public sealed class NginxStreamTests(ITestOutputHelper output) : StreamTests("nginx", output), IDisposable
{
    private readonly WorkFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [FrontFact]
    public async Task EventsArriveAsTheyHappenAndWhoLeavesIsForgotten()
    {
        int port = FreePort.Next();
        _folder.Link("appliance", Machine.Appliance);
        await File.WriteAllTextAsync(_folder.At("passwords"), Logins.PasswordFile);
        await File.WriteAllTextAsync(_folder.At("front.conf"), string.Create(CultureInfo.InvariantCulture, $$"""
            daemon off;
            pid nginx.pid;
            master_process off;
            error_log stderr;
            events {}
            http {
                access_log off;
                client_body_temp_path body.tmp;
                fastcgi_temp_path fastcgi.tmp;
                proxy_temp_path proxy.tmp;
                scgi_temp_path scgi.tmp;
                uwsgi_temp_path uwsgi.tmp;
                server {
                    listen 127.0.0.1:{{port}};
                    location / {
                        include /etc/nginx/fastcgi_params;
                        fastcgi_param AUTH_TYPE Basic;
                        fastcgi_pass unix:socket;
                        location ~ ^/api/(status|responder) {
                            include /etc/nginx/fastcgi_params;
                            auth_basic appliance;
                            auth_basic_user_file passwords;
                            fastcgi_param AUTH_TYPE Basic;
                            fastcgi_pass unix:socket;
                        }
                    }
                }
            }
            """));
        await using var group = new Group(
            _folder, "./appliance --listen unix:socket & exec nginx -p . -c front.conf -e stderr", Logins.Settings);
        await group.UntilItAnswersAsync(port, "api/health");
        using HttpClient client = Group.NewClient(port);
        client.DefaultRequestHeaders.Authorization = Logins.Header(Logins.Admin);
        await AssertEventsArriveAsTheyHappenAsync(client);
        await AssertManyWatchOneSamplingAsync(client);
        await AssertWatchersThatLeaveAreForgottenAsync(client);
        Output.WriteLine(group.Log);
    }
}

/// <summary>HAProxy, which says itself who has logged in. Without http-no-delay it has the kernel wait for more, 0.2 s each time.</summary>
[Needs("haproxy")]
public sealed class HaProxyStreamTests(ITestOutputHelper output) : StreamTests("HAProxy", output), IDisposable
{
    private readonly WorkFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [FrontFact]
    public async Task EventsArriveAsTheyHappenAndWhoLeavesIsForgotten()
    {
        int port = FreePort.Next();
        _folder.Link("appliance", Machine.Appliance);
        await File.WriteAllTextAsync(_folder.At("front.conf"), string.Create(CultureInfo.InvariantCulture, $"""
            global
                maxconn 300
                nbthread 1
            defaults
                mode http
                timeout connect 5s
                timeout client 60s
                timeout server 60s
                option http-no-delay
            fcgi-app appliance
                docroot /
                option keep-conn
                set-param REMOTE_USER admin
                set-param AUTH_TYPE Basic
            frontend web
                bind 127.0.0.1:{port}
                default_backend appliance
            backend appliance
                use-fcgi-app appliance
                server appliance unix@./socket proto fcgi

            """));
        await using var group = new Group(_folder, "./appliance --listen unix:socket & exec haproxy -db -f front.conf", Logins.Settings);
        await group.UntilItAnswersAsync(port, "api/health");
        using HttpClient client = Group.NewClient(port);
        await AssertEventsArriveAsTheyHappenAsync(client);
        await AssertManyWatchOneSamplingAsync(client);
        await AssertWatchersThatLeaveAreForgottenAsync(client);
        Output.WriteLine(group.Log);
    }
}
