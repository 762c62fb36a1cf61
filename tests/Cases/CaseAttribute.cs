using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace FastCgi.Tests;

/// <summary>
/// Names the cases of the FastCGI catalogue (Cases.txt) a test shows to hold; scripts/cases lists them. A trait, so
/// <c>dotnet test --filter case=10</c> runs those of one. Compiled into every project of tests that names cases.
/// </summary>
[TraitDiscoverer("FastCgi.Tests.CaseDiscoverer", TestAssembly.Name)]
[AttributeUsage(AttributeTargets.Method)]
public sealed class CaseAttribute(params int[] numbers) : Attribute, ITraitAttribute
{
    /// <summary>The cases' numbers.</summary>
    public IReadOnlyList<int> Numbers { get; } = numbers;
}

/// <summary>Turns <see cref="CaseAttribute"/> into traits; xunit finds it by name.</summary>
public sealed class CaseDiscoverer : ITraitDiscoverer
{
    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> GetTraits(IAttributeInfo traitAttribute)
    {
        ArgumentNullException.ThrowIfNull(traitAttribute);
        foreach (object argument in traitAttribute.GetConstructorArguments())
        {
            IEnumerable<object> numbers = argument is System.Collections.IEnumerable several ? several.Cast<object>() : [argument];
            foreach (object number in numbers)
                yield return new("case", Convert.ToString(number, CultureInfo.InvariantCulture)!);
        }
    }
}
