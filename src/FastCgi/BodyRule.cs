namespace FastCgi;

/// <summary>What becomes of the body a handler writes.</summary>
internal enum BodyRule
{
    /// <summary>It is sent.</summary>
    Send,

    /// <summary>The answer has none (HEAD, 204, 304): it is counted and dropped.</summary>
    Discard,

    /// <summary>An authorizer's permission: dropped, and not even its header leaves before the handler has ended well.</summary>
    Withhold,
}
