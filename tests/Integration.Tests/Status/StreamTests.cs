using System;
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
public abstract class StreamTests(ITestOutputHelper output)
{
    /// <summary>Longer than any interval, so that a front which waits for the next event is found out.</summary>
    private const int LongestInterval = 60;

    protected ITestOutputHelper Output => output;

    protected static async Task AssertEventsArriveAsTheyHappenAsync(HttpClient client)
    {
        long last = 0;
        using (Stream stream = await OpenAsync(client, "interval=1"))
        using (var reader = new StreamReader(stream))
        {
            for (int i = 0; i < 3; i++)
            {
                (long id, _) = await ReadEventAsync(reader);
                Assert.True(id > last, $"event {id} after {last}");
                last = id;
            }
        }

        using (Stream stream = await OpenAsync(client, $"interval={LongestInterval}"))
        using (var reader = new StreamReader(stream))
        {
            (_, double taken) = await ReadEventAsync(reader);
            Assert.True(Uptime() < taken + LongestInterval, "the event came when the next one did, not when it happened");
        }
    }

    protected static async Task AssertManyWatchOneSamplingAsync(HttpClient client)
    {
        using Stream first = await OpenAsync(client, "");
        using var firstReader = new StreamReader(first);
        using Stream second = await OpenAsync(client, "");
        using var secondReader = new StreamReader(second);
        (long id, double taken) = await ReadEventAsync(secondReader);
        (long sameId, double sameTaken) = await ReadEventAsync(firstReader);
        while (sameId < id)
            (sameId, sameTaken) = await ReadEventAsync(firstReader);
        Assert.Equal((id, taken), (sameId, sameTaken));
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
        await Eventually.TrueAsync("no stream is left", async () =>
        {
            using JsonDocument responder = JsonDocument.Parse(await client.GetStringAsync("api/responder"));
            return responder.RootElement.GetProperty("open_requests").EnumerateArray()
                .All(request => !request.GetProperty("uri").GetString()!.Contains("stream", StringComparison.Ordinal));
        });
    }

    private static async Task<Stream> OpenAsync(HttpClient client, string query)
    {
        HttpResponseMessage response = await client.GetAsync($"api/status/stream?{query}", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.ToString());
        Assert.True(response.Headers.CacheControl!.NoStore);
        return await response.Content.ReadAsStreamAsync();
    }

    /// <summary>The id of the next event, and the uptime of its sample.</summary>
    private static async Task<(long Id, double Uptime)> ReadEventAsync(StreamReader reader)
    {
        long id = 0;
        while (true)
        {
            string line = await reader.ReadLineAsync().WaitAsync(Eventually.Deadline) ?? throw new EndOfStreamException("the stream ended");
            if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = long.Parse(line["id: ".Length..], CultureInfo.InvariantCulture);
            if (!line.StartsWith("data: ", StringComparison.Ordinal))
                continue;
            using JsonDocument data = JsonDocument.Parse(line["data: ".Length..]);
            return (id, data.RootElement.GetProperty("uptime_seconds").GetDouble());
        }
    }

    private static double Uptime() => double.Parse(File.ReadAllText("/proc/uptime").Split(' ').First(), CultureInfo.InvariantCulture);
}

/// <summary>lighttpd as it ships.</summary>
public class LighttpdStreamTests(ITestOutputHelper output) : StreamTests(output)
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
public sealed class NginxStreamTests(ITestOutputHelper output) : StreamTests(output), IDisposable
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
        await AssertWatchersThatLeaveAreForgottenAsync(client);
        Output.WriteLine(group.Log);
    }
}

/// <summary>HAProxy, which says itself who has logged in.</summary>
[Needs("haproxy")]
public sealed class HaProxyStreamTests(ITestOutputHelper output) : StreamTests(output), IDisposable
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
                maxconn 100
                nbthread 1
            defaults
                mode http
                timeout connect 5s
                timeout client 60s
                timeout server 60s
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
        await AssertWatchersThatLeaveAreForgottenAsync(client);
        Output.WriteLine(group.Log);
    }
}
