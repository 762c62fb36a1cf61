using System.IO;
using System.Text.Json;
using System.Threading.Tasks;
using Appliance.Status;
using FastCgi;

namespace Appliance.Tests.Readme;

internal sealed class HostnameHandler(StatusRoots roots) : IRequestHandler
{
    public async ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        response.AddHeader("Content-Type"u8, "application/json"u8);
        using var json = new Utf8JsonWriter(response.Body);
        json.WriteStringValue(File.ReadAllText(roots.InProc("sys/kernel/hostname")).Trim());
        await json.FlushAsync();
    }
}
