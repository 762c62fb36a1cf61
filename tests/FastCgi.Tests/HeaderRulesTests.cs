using Xunit;

namespace FastCgi.Tests;

public class HeaderRulesTests
{
    [Fact]
    public void ATokenHasTheBytesOfRfc9110AndNoOthers()
    {
        const string punctuation = "!#$%&'*+-.^_`|~"; // RFC 9110 §5.6.2, besides digits and letters
        for (int b = 0; b <= byte.MaxValue; b++)
        {
            bool allowed = char.IsAsciiLetterOrDigit((char)b) || punctuation.Contains((char)b);
            Assert.True(HeaderRules.IsToken([(byte)'a', (byte)b]) == allowed, $"byte {b}");
        }
    }

    [Fact]
    public void NothingIsNoToken() => Assert.False(HeaderRules.IsToken(default));
}
