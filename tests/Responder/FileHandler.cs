using System.Buffers;
using System.IO;
using System.Text;
using System.Threading.Tasks;
using FastCgi;

namespace Responder;

/// <summary>
/// <c>/api/file?name=NAME</c>: the front sends a file. For lighttpd it is in the folder files of the working directory, for nginx
/// below the internal location /files/; any other front gets one line instead.
/// </summary>
internal sealed class FileHandler : IRequestHandler
{
    private readonly string _folder = Path.GetFullPath("files");

    public ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        string name = QueryOption.Needed(request, "name");
        response.AddHeader("Content-Type"u8, "text/plain"u8);
        if (!response.TrySendFile(Encoding.UTF8.GetBytes($"{_folder}/{name}"), Encoding.UTF8.GetBytes($"/files/{name}")))
            response.Body.Write("the front sends no files\n"u8);
        return default;
    }
}
