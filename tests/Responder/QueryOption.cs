using System;
using System.Globalization;
using System.Text;
using FastCgi;

namespace Responder;

/// <summary>Options a test puts into the query: <c>?bytes=5&amp;until=go</c>, letters and digits only, nothing to decode.</summary>
internal static class QueryOption
{
    public static string? Text(FastCgiRequest request, string name)
    {
        foreach (string pair in Encoding.ASCII.GetString(request.Query).Split('&'))
        {
            if (pair.StartsWith(name, StringComparison.Ordinal) && pair.Length > name.Length && pair[name.Length] == '=')
                return pair[(name.Length + 1)..];
        }
        return null;
    }

    public static string Needed(FastCgiRequest request, string name) =>
        Text(request, name) ?? throw new RequestRefusedException($"the query has no {name}=");

    public static long Number(FastCgiRequest request, string name) =>
        long.TryParse(Needed(request, name), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new RequestRefusedException($"{name}= is not a number");
}
