import Foundation
public import Records

/// Seeds for the arguments of a property's test, which names the one that fails: `@Test(arguments: seeds(20))`. They are the
/// same in every run; `WSI_TEST_SEEDS=1000` takes so many, `WSI_TEST_SEEDS=7...7` that one alone.
public func seeds(_ count: Int) -> [UInt64] {
    let wanted = ProcessInfo.processInfo.environment["WSI_TEST_SEEDS"] ?? ""
    if let range = wanted.wholeMatch(of: /(\d+)\.\.\.(\d+)/), let first = UInt64(range.1), let last = UInt64(range.2) {
        return Array(first...max(first, last))
    }
    return Array(0..<UInt64(Int(wanted) ?? count))
}

extension CounterRandom {
    /// A short text of what files must quote, escape or encode; no blank is at its ends, and it does not begin with a quote mark.
    public mutating func text() -> String {
        let ends = Array("azZ09äß漢🙂=+-@<#")
        let inner = ends + Array(" \t\n,;:\"'\\/{}[]&%")
        let middle = (0..<index(below: 9)).map { _ in inner[index(below: inner.count)] }
        return String([ends[index(below: ends.count)]] + middle + [ends[index(below: ends.count)]])
    }

    /// Any finite number.
    public mutating func float() -> Float {
        while true {
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: next()))
            if value.isFinite { return value }
        }
    }

    /// As many texts as names of keys or columns, each once.
    public mutating func names(_ count: Int) -> [String] { (0..<count).map { "\(text()) \($0)" } }
}

extension Array {
    /// The elements in a random order.
    public func reordered(_ random: inout CounterRandom) -> [Element] {
        random.permutation(count).map { self[$0] }
    }
}
