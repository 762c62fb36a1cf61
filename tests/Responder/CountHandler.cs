using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Threading.Tasks;
using FastCgi;

namespace Responder;

/// <summary><c>/api/count</c>: how many bytes the body has; looks at none of them, so that receiving them is all that takes time.</summary>
internal sealed class CountHandler : IRequestHandler
{
    public async ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        long bytes = 0;
        bool completed;
        do
        {
            ReadResult read = await request.Body.ReadAsync().ConfigureAwait(false);
            bytes += read.Buffer.Length;
            completed = read.IsCompleted;
            request.Body.AdvanceTo(read.Buffer.End);
        }
        while (!completed);

        response.AddHeader("Content-Type"u8, "text/plain"u8);
        await response.Body.WriteAsync(Encoding.ASCII.GetBytes(bytes.ToString(CultureInfo.InvariantCulture))).ConfigureAwait(false);
    }
}
