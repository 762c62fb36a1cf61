using System;
using System.Text;
using Xunit;

namespace Appliance.Tests;

/// <summary>RFC 9110 §12.5.1, for an answer that is application/json.</summary>
public class AcceptHeaderTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" \t ")]
    public void WithoutTheFieldEverythingIsAdmitted(string accept) => Assert.True(Admits(accept));

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/*")]
    [InlineData("*/*")]
    [InlineData("text/html, application/json")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8")] // a browser
    [InlineData("application/json;charset=utf-8")]
    [InlineData("application/json ; charset=utf-8 ; q=0.5")]
    [InlineData("text/html;level=1, application/*;q=0.1")]
    public void AMatchingRangeAdmits(string accept) => Assert.True(Admits(accept));

    [Theory]
    [InlineData("text/html")]
    [InlineData("text/*")]
    [InlineData("application/xml")]
    [InlineData("application/problem+json")]
    [InlineData("application/jsonp, application/jso")]
    [InlineData("xapplication/json")]
    [InlineData("text/json")]
    public void OtherRangesDoNot(string accept) => Assert.False(Admits(accept));

    [Theory]
    [InlineData("APPLICATION/JSON")]
    [InlineData("Application/Json")]
    [InlineData("aPPLICATION/*")]
    public void TheCaseOfTypesDoesNotMatter(string accept) => Assert.True(Admits(accept));

    [Theory]
    [InlineData("application/json;q=0")]
    [InlineData("application/json;q=0.")]
    [InlineData("application/json;q=0.0")]
    [InlineData("application/json;q=0.000")]
    [InlineData("application/json;Q=0")]
    [InlineData("application/json; q=0")]
    [InlineData("application/json\t;\tq=0\t")]
    [InlineData("application/json;charset=utf-8;q=0")]
    [InlineData("*/*;q=0")]
    [InlineData("application/*;q=0.00")]
    public void AWeightOfZeroExcludes(string accept) => Assert.False(Admits(accept));

    [Theory]
    [InlineData("application/json;q=0.001")]
    [InlineData("application/json;q=0.01")]
    [InlineData("application/json;q=1")]
    [InlineData("application/json;q=1.000")]
    [InlineData("application/json;q=0.5;ext=1")]
    public void EveryOtherWeightAdmits(string accept) => Assert.True(Admits(accept));

    [Theory]
    [InlineData("*/*;q=0, application/json", true)]
    [InlineData("application/json, */*;q=0", true)]
    [InlineData("application/*;q=0, application/json;q=0.1", true)]
    [InlineData("application/json;q=0, */*", false)]
    [InlineData("*/*, application/json;q=0", false)]
    [InlineData("*/*, application/*;q=0", false)]
    [InlineData("application/*;q=0, */*", false)]
    [InlineData("text/html, application/json;q=0, application/*, */*", false)]
    [InlineData("*/*;q=0, application/*", true)]
    public void TheMostSpecificRangeDecides(string accept, bool admitted) => Assert.Equal(admitted, Admits(accept));

    [Theory]
    [InlineData("application/json;version=1;q=0, application/json")]
    [InlineData("application/json, application/json;version=1;q=0")]
    public void OfRangesThatDifferInParametersEitherAdmits(string accept) => Assert.True(Admits(accept));

    [Theory]
    [InlineData("text/plain;x=\"a, application/json\"", false)]
    [InlineData("text/plain;x=\"\\\", application/json\"", false)]
    [InlineData("application/json;x=\"a;q=0\"", true)]
    [InlineData("application/json;x=\"a,b\";q=0", false)]
    [InlineData("text/plain;x=\"a\", application/json", true)]
    public void SeparatorsInQuotesSeparateNothing(string accept, bool admitted) => Assert.Equal(admitted, Admits(accept));

    [Theory]
    [InlineData(",")]
    [InlineData(";")]
    [InlineData("/")]
    [InlineData("*")]
    [InlineData("*/")]
    [InlineData("*/json")]
    [InlineData("/json")]
    [InlineData("application")]
    [InlineData("application/")]
    [InlineData("application /json")]
    [InlineData("application/ json")]
    [InlineData("application/json/x")]
    [InlineData("application//json")]
    [InlineData(";q=0.5")]
    [InlineData("\"application/json\"")]
    [InlineData("\0")]
    public void JunkMatchesNothing(string accept) => Assert.False(Admits(accept));

    [Theory]
    [InlineData(",,application/json,,")]
    [InlineData("junk, ;;, application/json")]
    [InlineData("application/json;")]
    [InlineData("application/json;;;q=0.5")]
    [InlineData("application/json;q=")]
    [InlineData("application/json;q")]
    [InlineData("application/json;q=x")]
    [InlineData("application/json;qq=0")]
    public void JunkBesideARangeThatMatchesDoesNoHarm(string accept) => Assert.True(Admits(accept));

    [Fact]
    public void NoBytesMakeItFail()
    {
        var random = new Random(12);
        string[] tokens = ["application", "json", "*", "/", ",", ";", "q=", "0", ".", "1", " ", "\t", "\"", "\\", "=", "\u00ff", "\0"];
        for (int round = 0; round < 50_000; round++)
        {
            var text = new StringBuilder();
            for (int parts = random.Next(12); parts > 0; parts--)
                text.Append(random.Next(8) == 0 ? ((char)random.Next(256)).ToString() : tokens[random.Next(tokens.Length)]);
            Admits(text.ToString());
        }
    }

    [Fact]
    public void ALongFieldTakesTimeInProportion()
    {
        Assert.True(Admits(string.Concat(new string(',', 60_000), "application/json")));
        Assert.False(Admits(new string('"', 60_000)));
        Assert.False(Admits("application/json;q=0" + new string(';', 60_000)));
    }

    private static bool Admits(string accept) => AcceptHeader.Choose(Encoding.Latin1.GetBytes(accept), [MediaType.Json]) is not null;
}
