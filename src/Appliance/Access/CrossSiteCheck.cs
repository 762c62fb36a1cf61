using System;
using System.Text;
using FastCgi;

namespace Appliance.Access;

/// <summary>Whether a request that changes something was meant by the user who is logged in.</summary>
/// <remarks>
/// A browser sends a user's login along with whatever any site's page asks it to send (CSRF). It does say which site that was, and
/// sends JSON to another site only after asking there, which no route allows.
/// </remarks>
internal static class CrossSiteCheck
{
    /// <summary>
    /// 403 unless Sec-Fetch-Site, or Origin where a browser sends only that, says that the page was this device's; programs send
    /// either. 415 unless the body is announced as JSON. Null for all others.
    /// </summary>
    public static Refusal? Refuse(FastCgiRequest request)
    {
        RequestParameters fields = request.Parameters;
        if (fields.TryGetValue("HTTP_SEC_FETCH_SITE"u8, out ReadOnlySpan<byte> site))
        {
            // W3C Fetch Metadata §2.4; none is the user's own doing, such as an address typed in.
            if (!site.SequenceEqual("same-origin"u8) && !site.SequenceEqual("none"u8))
                return new Refusal(403, $"Sec-Fetch-Site \"{Excerpt.Of(site)}\": only this device's own pages may change something");
        }
        else if (!fields.TryGetValue("HTTP_ORIGIN"u8, out ReadOnlySpan<byte> origin))
        {
            return new Refusal(403, "what changes something needs an Origin field that names this device, or Sec-Fetch-Site");
        }
        else if (!IsOwn(origin, fields))
        {
            return new Refusal(403, $"Origin \"{Excerpt.Of(origin)}\": only this device's own pages may change something");
        }

        ReadOnlySpan<byte> type = fields["CONTENT_TYPE"u8];
        return IsJson(type)
            ? null
            : new Refusal(415, $"Content-Type \"{Excerpt.Of(type)}\" is not application/json", "Accept", "application/json");
    }

    /// <summary>Same scheme, host and port (RFC 6454 §5). An origin is what a browser writes: scheme, "://", host and port.</summary>
    private static bool IsOwn(ReadOnlySpan<byte> origin, RequestParameters fields)
    {
        bool isSecure = fields["HTTPS"u8].SequenceEqual("on"u8) || fields["REQUEST_SCHEME"u8].SequenceEqual("https"u8);
        ReadOnlySpan<byte> scheme = isSecure ? "https://"u8 : "http://"u8;
        int defaultPort = isSecure ? 443 : 80;
        return origin.StartsWith(scheme)
            && HostField.TryParse(origin[scheme.Length..], out HostField from)
            && HostField.TryParse(fields["HTTP_HOST"u8], out HostField to)
            && Ascii.EqualsIgnoreCase(from.Name, to.Name)
            && (from.Port ?? defaultPort) == (to.Port ?? defaultPort);
    }

    /// <summary>application/json or application/….+json, with parameters or without (RFC 9110 §8.3.1).</summary>
    private static bool IsJson(ReadOnlySpan<byte> contentType)
    {
        int end = contentType.IndexOf((byte)';');
        ReadOnlySpan<byte> type = (end < 0 ? contentType : contentType[..end]).TrimEnd(" \t"u8);
        ReadOnlySpan<byte> prefix = "application/"u8;
        if (type.Length <= prefix.Length || !Ascii.EqualsIgnoreCase(type[..prefix.Length], prefix))
            return false;
        ReadOnlySpan<byte> subtype = type[prefix.Length..];
        return Ascii.EqualsIgnoreCase(subtype, "json"u8)
            || (subtype.Length > 5 && Ascii.EqualsIgnoreCase(subtype[^5..], "+json"u8) && subtype.IndexOfAny(" ,"u8) < 0);
    }
}
