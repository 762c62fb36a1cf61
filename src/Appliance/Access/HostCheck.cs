using System;
using System.Collections.Generic;
using System.Text;
using FastCgi;

namespace Appliance.Access;

/// <summary>Whether a request was sent to this device by a name of its own.</summary>
/// <remarks>
/// Otherwise a page of any site could read what the device answers, once its owner lets the site's name lead to the device's
/// address (DNS rebinding): to the browser both are the same site.
/// </remarks>
internal sealed class HostCheck
{
    private readonly byte[][] _names;

    /// <param name="names">How the device is called, besides its addresses and <c>localhost</c>; case does not matter.</param>
    public HostCheck(IReadOnlyList<string> names)
    {
        _names = new byte[names.Count + 1][];
        _names[0] = "localhost"u8.ToArray();
        for (int i = 0; i < names.Count; i++)
            _names[i + 1] = Encoding.ASCII.GetBytes(names[i]);
    }

    /// <summary>421 (RFC 9110 §15.5.20) when the Host field is missing, is none, or names somebody else; null for all others.</summary>
    public Refusal? Refuse(FastCgiRequest request)
    {
        ReadOnlySpan<byte> value = request.Parameters["HTTP_HOST"u8];
        if (HostField.TryParse(value, out HostField host) && (host.IsAddress || IsKnown(host.Name)))
            return null;
        return new Refusal(421, value.IsEmpty
            ? "there is no Host field"
            : $"Host \"{Excerpt.Of(value)}\" is neither an address, nor localhost, nor a name in the settings (Access:Hosts)");
    }

    private bool IsKnown(ReadOnlySpan<byte> name)
    {
        foreach (byte[] known in _names)
        {
            if (Ascii.EqualsIgnoreCase(name, known))
                return true;
        }
        return false;
    }
}
