import Foundation

/// An order of names in which numbers within them count as numbers: 2 before 10.
public enum NumericOrder {
    /// Of names that differ in zeros alone, such as 1 and 01, the first in the order of text, so that the order is total.
    public static func precedes(_ one: String, _ other: String) -> Bool {
        switch one.compare(other, options: .numeric) {
        case .orderedAscending: true
        case .orderedDescending: false
        case .orderedSame: one < other
        }
    }
}
