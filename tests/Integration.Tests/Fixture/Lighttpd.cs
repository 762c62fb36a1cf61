using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using Xunit.Sdk;

namespace Integration.Tests.Fixture;

/// <summary>
/// A real lighttpd on a free port of 127.0.0.1, with the configuration that ships and parameters of its own, which has
/// launched one of our binaries. Works in a folder of its own with relative names, as scripts/run does: a Unix socket's path
/// has at most 107 bytes, wherever the clone lies.
/// </summary>
public sealed class Lighttpd : IAsyncDisposable
{
    /// <summary>The part of the configuration that launches the backend.</summary>
    public const string BackendPart = "appliance.conf";

    private readonly WorkFolder _folder = new();
    private readonly string _program;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly IReadOnlyList<string> _parts;
    private Process? _process;

    private Lighttpd(string program, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> parts)
    {
        _program = program;
        _environment = environment;
        _parts = parts;
        _folder.Link("lighttpd", $"{Machine.Root}/rootfs/etc/lighttpd");
        _folder.Link("www", $"{Machine.Root}/rootfs/usr/share/appliance/www");
        _folder.Link("problems", $"{Machine.Root}/rootfs/usr/share/appliance/problems");
        _folder.Link("appliance.json", $"{Machine.Root}/rootfs/etc/appliance/appliance.json");
        _folder.Link(program, $"{Machine.Binaries}/{program}");
        File.WriteAllText(PasswordFile, Logins.PasswordFile);
    }

    public int Port { get; private set; }

    public Uri Url => new($"http://127.0.0.1:{Port}/");

    public int Pid => _process!.Id;

    /// <summary>The socket it has made for the backend, by a path that is short enough to connect to.</summary>
    public string BackendSocket => $"/proc/{Pid}/cwd/{SocketName}";

    /// <summary>The same as the kernel lists it.</summary>
    public string BackendSocketAsBound => $"./{SocketName}";

    /// <summary>What lighttpd and the backend have written to standard error so far.</summary>
    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    /// <summary>The appliance's settings: a link to those that ship.</summary>
    public string SettingsFile => _folder.At("appliance.json");

    /// <summary>What it checks passwords against.</summary>
    public string PasswordFile => _folder.At("passwords");

    private string SocketName => $"{_program}.socket-0";

    private string LogFile => _folder.At("log");

    /// <summary>Starts lighttpd and waits until the backend answers through it.</summary>
    /// <param name="program">appliance or responder.</param>
    /// <param name="environment">What init would give lighttpd, which hands it on to the backend.</param>
    /// <param name="parts">What is included of conf.d, in this order; by default all for the appliance, and no logins for the responder.</param>
    public static async Task<Lighttpd> StartAsync(
        string program, IReadOnlyDictionary<string, string>? environment = null, params string[] parts)
    {
        if (Machine.Missing is string missing)
            throw new XunitException(missing);
        string[] usual = program == "appliance" ? [Logins.Part, BackendPart] : [BackendPart];
        var lighttpd = new Lighttpd(program, environment ?? new Dictionary<string, string>(), parts.Length > 0 ? parts : usual);
        try
        {
            lighttpd.Port = FreePort.Next();
            await lighttpd.StartAsync();
            return lighttpd;
        }
        catch
        {
            await lighttpd.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, for the first time or again, on the same port.</summary>
    public async Task StartAsync()
    {
        await File.WriteAllTextAsync(_folder.At("lighttpd.conf"), Parameters());
        _process = Process.Start(StartInfo())!;
        LeftOver.Note(-Pid);
        await AnswersAsync();
    }

    /// <summary>Waits until the backend answers, also after it has died: lighttpd starts it again.</summary>
    public Task AnswersAsync()
    {
        string last = "no answer";
        return Eventually.TrueAsync("an answer through lighttpd", async () =>
        {
            if (_process!.HasExited)
                throw new XunitException($"lighttpd has ended with {_process.ExitCode}, after {last}:\n{Log}");
            using HttpClient client = NewClient(user: null);
            try
            {
                using HttpResponseMessage response = await client.GetAsync("api/health");
                last = $"status {(int)response.StatusCode}";
                return response.StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException e)
            {
                last = e.Message;
                return false;
            }
        });
    }

    /// <summary>The backend's process now.</summary>
    public int BackendPid() => KernelView.ChildrenOf(Pid) is [int only] ? only : throw new XunitException($"not one backend:\n{Log}");

    /// <summary>A client without proxy that connects anew for every test.</summary>
    /// <param name="user">Who logs in with every request; null for nobody.</param>
    public HttpClient NewClient(string? user = Logins.Admin)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = Url,
            Timeout = Eventually.Deadline,
        };
        if (user is not null)
            client.DefaultRequestHeaders.Authorization = Logins.Header(user);
        return client;
    }

    /// <summary>Lets go of handlers of the responder that wait for this file.</summary>
    public void Release(string file) => File.WriteAllText(_folder.At(file), "");

    /// <summary>Stops lighttpd the way init does, and waits until it and the backend are gone.</summary>
    public async Task StopAsync()
    {
        int group = Pid;
        Signals.Send(group, Signals.Terminate);
        await Eventually.TrueAsync("lighttpd and its backend end after SIGTERM", () => KernelView.GroupOf(group).Count == 0);
        await _process!.WaitForExitAsync();
        LeftOver.Forget(-group);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            Signals.Send(-Pid, Signals.Kill);
            await _process.WaitForExitAsync();
            LeftOver.Forget(-Pid);
            _process.Dispose();
        }
        _folder.Dispose();
    }

    private string Parameters() => string.Create(CultureInfo.InvariantCulture, $"""
        var.bind              = "127.0.0.1"
        var.port              = {Port}
        var.document_root     = var.CWD + "/www"
        var.run_dir           = "."
        var.state_dir         = "."
        var.appliance_command = "./{_program}{(_program == "appliance" ? " --settings appliance.json" : "")}"
        var.appliance_socket  = "./{_program}.socket"
        var.appliance_problems  = var.CWD + "/problems/"
        var.appliance_passwords = "passwords"
        include "lighttpd/server.conf"
        {string.Join('\n', _parts.Select(part => $"include \"lighttpd/conf.d/{part}\""))}

        """);

    /// <summary>In a session of its own, so that its group holds exactly lighttpd and what it has launched.</summary>
    private ProcessStartInfo StartInfo()
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = _folder.FullPath,
            ArgumentList = { "-c", "exec setsid \"$0\" -D -f lighttpd.conf >>log 2>&1 </dev/null", Machine.Find("lighttpd")! },
        };
        NativeProgram.CleanEnvironment(start, _environment);
        foreach ((string name, string role) in Logins.Settings)
            start.Environment.TryAdd(name, role);
        return start;
    }
}
