using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Integration.Tests.Fronts;
using Integration.Tests.Starts;
using Xunit;
using Xunit.Abstractions;

namespace Integration.Tests.Access;

/// <summary>The appliance behind nginx, whose usual fastcgi_params pass on as REMOTE_USER what a client has written.</summary>
[Needs("nginx")]
public sealed class NginxLoginTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private readonly WorkFolder _folder = new();
    private readonly Dictionary<string, int> _ports = new()
    {
        ["open"] = FreePort.Next(),
        ["asking"] = FreePort.Next(),
        ["asking and saying so"] = FreePort.Next(),
    };

    private Group _group = null!;

    public async Task InitializeAsync()
    {
        _folder.Link("appliance", Machine.Appliance);
        await File.WriteAllTextAsync(_folder.At("passwords"), Logins.PasswordFile);
        await File.WriteAllTextAsync(_folder.At("front.conf"), Configuration());
        _group = new Group(
            _folder, "./appliance --listen unix:socket & exec nginx -p . -c front.conf -e stderr", Logins.Settings);
        await _group.UntilItAnswersAsync(_ports["open"], "api/health");
    }

    public async Task DisposeAsync()
    {
        if (_group is null)
            return;
        output.WriteLine(_group.Log);
        await _group.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    [FrontFact]
    public async Task ANameThatNobodyHasCheckedIsNoLogin()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("open", "admin", "x"));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("open", "admin", Logins.Password));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("asking", "admin", Logins.Password));
        Assert.Contains("without AUTH_TYPE", _group.Log);
    }

    [FrontFact]
    public async Task ANameThatWasCheckedIsOne()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("asking and saying so", "admin", "x"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync("asking and saying so", "scraper", Logins.Password));
        Assert.Equal(HttpStatusCode.OK, await AskAsync("asking and saying so", "admin", Logins.Password));
    }

    private async Task<HttpStatusCode> AskAsync(string server, string user, string password)
    {
        using HttpClient client = Group.NewClient(_ports[server]);
        client.DefaultRequestHeaders.Authorization = Logins.Header(user, password);
        using HttpResponseMessage response = await client.GetAsync("api/status");
        return response.StatusCode;
    }

    private string Configuration() => $$"""
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
            {{Server("open", "")}}
            {{Server("asking", "auth_basic appliance; auth_basic_user_file passwords;")}}
            {{Server("asking and saying so", "auth_basic appliance; auth_basic_user_file passwords; fastcgi_param AUTH_TYPE Basic;")}}
        }
        """;

    private string Server(string name, string login) =>
        $"server {{ listen 127.0.0.1:{_ports[name]}; location / {{ include /etc/nginx/fastcgi_params; {login} fastcgi_pass unix:socket; }} }}";
}
