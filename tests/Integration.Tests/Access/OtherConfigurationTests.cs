using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;

namespace Integration.Tests.Access;

/// <summary>lighttpd set up in other ways than the one that ships.</summary>
public class OtherConfigurationTests
{
    [NativeFact]
    public async Task WithoutTheLoginsNobodyGetsIn()
    {
        await using Lighttpd front = await Lighttpd.StartAsync("appliance", environment: null, Lighttpd.BackendPart);
        foreach (string? user in new[] { null, Logins.Admin })
        {
            using HttpClient client = front.NewClient(user);
            using HttpResponseMessage response = await client.GetAsync("api/status");

            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.ToString());
            Assert.Equal("Basic realm=\"appliance\", charset=\"UTF-8\"", response.Headers.WwwAuthenticate.Single().ToString());
            using JsonDocument problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            Assert.Equal("this needs a login", problem.RootElement.GetProperty("detail").GetString());
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("api/health")).StatusCode);
        }
        Assert.Contains("warning: 401 to 127.0.0.1 for /api/status: this needs a login", front.Log);
    }

    [NativeFact]
    public async Task ThePasswordIsAskedForAlsoWhereTheBackendWasIncludedFirst()
    {
        await using Lighttpd front = await Lighttpd.StartAsync("appliance", environment: null, Lighttpd.BackendPart, Logins.Part);
        foreach ((string? user, HttpStatusCode status) in new[]
        {
            (null, HttpStatusCode.Unauthorized), ("nobody", HttpStatusCode.Unauthorized), ("scraper", HttpStatusCode.Forbidden), (Logins.Admin, HttpStatusCode.OK),
        })
        {
            using HttpClient client = front.NewClient(user);
            Assert.Equal(status, (await client.GetAsync("api/status")).StatusCode);
        }
    }
}
