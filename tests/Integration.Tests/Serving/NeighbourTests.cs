using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;

namespace Integration.Tests.Serving;

/// <summary>IPv6 neighbours of a network that the test has made, as the binary asks the kernel for them.</summary>
public sealed class NeighbourTests : IDisposable
{
    private const string Asked =
        "env -i GATEWAY_INTERFACE=CGI/1.1 HTTP_HOST=localhost REMOTE_USER=vera AUTH_TYPE=Basic APPLIANCE_ACCESS_USERS_vera=viewer " +
        "REQUEST_METHOD=GET PATH_INFO=/api/status QUERY_STRING=fields=neighbours ./appliance </dev/null";

    private readonly WorkFolder _folder = new();

    public NeighbourTests() => File.CreateSymbolicLink(_folder.At("appliance"), Machine.Appliance);

    public void Dispose() => _folder.Dispose();

    [NetworkFact]
    public async Task TheyAreShownAsTheKernelHasThem()
    {
        Ended ended = await ShellAsync($"""
            ip link set lo up
            ip -6 neighbour add 2001:db8::7 lladdr 02:00:5e:00:53:07 dev lo nud permanent
            ip -6 neighbour add 2001:db8::8 lladdr 02:00:5e:00:53:08 dev lo nud stale
            {Asked}
            """);

        Assert.Equal(new Ended(0, ended.Output, ""), ended);
        string[] halves = ended.Output.Split("\r\n\r\n");
        Assert.StartsWith("Status: 200 OK\r\n", halves[0]);
        Assert.Contains("""{"address":"2001:db8::7","interface":"lo","hardware_address":"02:00:5e:00:53:07","state":"permanent"}""", halves[1]);
        Assert.Contains("""{"address":"2001:db8::8","interface":"lo","hardware_address":"02:00:5e:00:53:08","state":"complete"}""", halves[1]);
        Assert.EndsWith("],\"unavailable\":[]}", halves[1]);
    }

    [NetworkFact]
    public async Task OfManyThereAreAsManyAsTheListMayHave()
    {
        Ended ended = await ShellAsync($$"""
            ip link set lo up
            for i in $(seq 300); do echo "neighbour add 2001:db8::$i lladdr 02:00:5e:00:53:07 dev lo nud permanent"; done | ip -6 -batch -
            {{Asked.Replace("env -i", "env -i APPLIANCE_STATUS_LISTENTRIES=250", StringComparison.Ordinal)}}
            """);

        Assert.Equal(new Ended(0, ended.Output, ""), ended);
        Assert.Equal(250, ended.Output.Split("\"state\":\"permanent\"").Length - 1);
        Assert.Contains("{\"part\":\"neighbours\",\"reason\":\"RTM_GETNEIGH: more than 250 entries, the first 250 are here\"}", ended.Output);
    }

    private Task<Ended> ShellAsync(string script) =>
        NativeProgram.RunAsync(_folder.FullPath, new Dictionary<string, string>(), ["unshare", "--net", "/bin/sh", "-euc", script]);

    /// <summary>A fact about the binary in a network of its own: skipped with the reason where there can be none.</summary>
    private sealed class NetworkFactAttribute : FactAttribute
    {
        public NetworkFactAttribute()
        {
            if (Machine.IsRunner)
                return;
            Skip = Machine.Missing ?? (Machine.Find("unshare") is null || Machine.Find("ip") is null ? "unshare or ip is not installed" : Refusal());
        }

        private static string? Refusal()
        {
            using var trial = Process.Start(new ProcessStartInfo("unshare", ["--net", "true"]) { RedirectStandardError = true })!;
            string error = trial.StandardError.ReadToEnd();
            trial.WaitForExit();
            return trial.ExitCode == 0 ? null : $"no network can be made here: {error.Trim()}";
        }
    }
}
