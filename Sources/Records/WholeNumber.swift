extension Double {
    /// The nearest whole number; for what is none, or beyond 10¹⁵, the end of that range on its side: a number that was read from
    /// a file must not end the process where it is only shown.
    public var whole: Int { isNaN ? 0 : Int(Swift.min(Swift.max(self, -1e15), 1e15).rounded()) }
}
