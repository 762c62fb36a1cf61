using System;

namespace Appliance;

/// <summary>Hands out the parameters of a query: <c>name=value&amp;name=value</c>, percent-encoded; WHATWG URL §5.1.</summary>
/// <remarks>'+' is a blank, '%' without two hexadecimal digits stands for itself. Bytes, which need not be UTF-8.</remarks>
internal ref struct QueryReader
{
    private ReadOnlySpan<byte> _rest;

    public QueryReader(ReadOnlySpan<byte> query) => _rest = query;

    /// <summary>Reads the next parameter that is not empty; its value is empty where there is no '='.</summary>
    public bool TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        while (!_rest.IsEmpty)
        {
            int end = _rest.IndexOf((byte)'&');
            ReadOnlySpan<byte> parameter = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            if (parameter.IsEmpty)
                continue;
            int equals = parameter.IndexOf((byte)'=');
            name = Decode(equals < 0 ? parameter : parameter[..equals]);
            value = equals < 0 ? default : Decode(parameter[(equals + 1)..]);
            return true;
        }
        name = value = default;
        return false;
    }

    private static ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> text)
    {
        if (text.IndexOfAny((byte)'%', (byte)'+') < 0)
            return text;
        byte[] decoded = new byte[text.Length];
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            byte b = text[i];
            if (b == (byte)'+')
            {
                b = (byte)' ';
            }
            else if (b == (byte)'%' && i + 2 < text.Length
                && char.IsAsciiHexDigit((char)text[i + 1]) && char.IsAsciiHexDigit((char)text[i + 2]))
            {
                b = (byte)((Digit(text[i + 1]) << 4) | Digit(text[i + 2]));
                i += 2;
            }
            decoded[length++] = b;
        }
        return decoded.AsSpan(0, length);
    }

    private static int Digit(byte hexadecimal) => hexadecimal <= '9' ? hexadecimal - '0' : (hexadecimal | 0x20) - 'a' + 10;
}
