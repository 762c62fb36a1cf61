using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace FastCgi.Tests.Package;

/// <summary>Writes down all that users of a library compile against, much as C# declares it.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    /// <summary>A line for each type and, indented, for each member, both in ordinal order.</summary>
    public static string Of(Assembly library)
    {
        var text = new StringBuilder();
        foreach (Type type in library.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Declaration(type)).Append('\n');
            foreach (string member in Members(type).Order(StringComparer.Ordinal))
                text.Append("    ").Append(member).Append('\n');
        }
        return text.ToString();
    }

    private static string Declaration(Type type)
    {
        string kind = type.IsEnum ? "enum"
            : type.IsInterface ? "interface"
            : type.IsValueType ? (Has<IsReadOnlyAttribute>(type) ? "readonly " : "") + (type.IsByRefLike ? "ref struct" : "struct")
            : type is { IsAbstract: true, IsSealed: true } ? "static class"
            : type.IsAbstract ? "abstract class"
            : type.IsSealed ? "sealed class"
            : "class";
        IEnumerable<Type> inherited = type.IsEnum ? [Enum.GetUnderlyingType(type)] : type.GetInterfaces().OrderBy(one => one.FullName, StringComparer.Ordinal);
        if (type.BaseType is Type parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum))
            inherited = inherited.Prepend(parent);
        string from = string.Join(", ", inherited.Select(Name));
        return $"{kind} {type.FullName}{(from.Length > 0 ? $" : {from}" : "")}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
            return type.GetEnumNames().Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)}");
        return type.GetMembers(Declared)
            .Where(member => member is not Type && !Has<CompilerGeneratedAttribute>(member)) // of records, what the compiler adds
            .Select(Describe).OfType<string>();
    }

    /// <summary>Null for what users do not see.</summary>
    private static string? Describe(MemberInfo member) => member switch
    {
        ConstructorInfo made when IsSeen(made) => $"{Access(made)}{member.DeclaringType!.Name}({Parameters(made)})",
        MethodInfo { IsSpecialName: false } method when IsSeen(method) =>
            $"{Access(method)}{Name(method.ReturnParameter)} {method.Name}({Parameters(method)})",
        PropertyInfo property when property.GetAccessors(nonPublic: true).Where(IsSeen).ToArray() is [var first, ..] =>
            $"{Access(first)}{Required(property)}{Name(property.PropertyType, Nullability.Create(property))} {property.Name} {{ {Accessors(property)} }}",
        FieldInfo field when field.IsPublic || field.IsFamily =>
            $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{Name(field.FieldType, Nullability.Create(field))} {field.Name}" +
            (field.IsLiteral ? $" = {Literal(field.GetRawConstantValue())}" : ""),
        EventInfo seen => $"event {Name(seen.EventHandlerType!)} {seen.Name}",
        _ => null,
    };

    private static bool IsSeen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Access(MethodBase method) =>
        (method.IsPublic ? "" : "protected ") + (method.IsStatic ? "static " : "") + (method.DeclaringType!.IsInterface || !method.IsVirtual || method.IsFinal
            ? method is { IsVirtual: true, IsAbstract: false, IsFinal: false } ? "default " : "" // an interface's method with a body
            : method.IsAbstract ? "abstract "
            : (method as MethodInfo)?.GetBaseDefinition().DeclaringType != method.DeclaringType ? "override "
            : "virtual ");

    private static string Required(PropertyInfo property) => Has<RequiredMemberAttribute>(property) ? "required " : "";

    private static string Accessors(PropertyInfo property)
    {
        var accessors = new List<string>();
        if (property.GetMethod is MethodInfo get && IsSeen(get))
            accessors.Add("get;");
        if (property.SetMethod is MethodInfo set && IsSeen(set))
            accessors.Add(set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;");
        return string.Join(' ', accessors);
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{(Has<ParamArrayAttribute>(parameter) ? "params " : "")}{Name(parameter)} {parameter.Name}" +
        (parameter.HasDefaultValue ? $" = {Literal(parameter.DefaultValue)}" : "")));

    private static string Literal(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool either => either ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(ParameterInfo parameter)
    {
        string kind = !parameter.ParameterType.IsByRef ? "" : parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
        return kind + Name(parameter.ParameterType, Nullability.Create(parameter));
    }

    private static string Name(Type type) => Name(type, nullability: null);

    private static string Name(Type type, NullabilityInfo? nullability)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!, nullability);
        if (type.IsArray)
            return $"{Name(type.GetElementType()!, nullability?.ElementType)}[]{Question(type, nullability)}";
        if (Nullable.GetUnderlyingType(type) is Type value)
            return $"{Name(value)}?";
        if (!type.IsGenericType)
            return $"{(type.Namespace == "System" ? type.Name : type.FullName)}{Question(type, nullability)}";
        string[] arguments = [.. type.GetGenericArguments().Select((one, i) => Name(one, nullability?.GenericTypeArguments.ElementAtOrDefault(i)))];
        string name = type.Namespace == "System" ? type.Name : $"{type.Namespace}.{type.Name}";
        return $"{name[..name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", arguments)}>{Question(type, nullability)}";
    }

    private static string Question(Type type, NullabilityInfo? nullability) =>
        !type.IsValueType && nullability?.ReadState == NullabilityState.Nullable ? "?" : "";

    private static bool Has<T>(MemberInfo member)
        where T : Attribute => member.IsDefined(typeof(T), inherit: false);

    private static bool Has<T>(ParameterInfo parameter)
        where T : Attribute => parameter.IsDefined(typeof(T), inherit: false);
}
