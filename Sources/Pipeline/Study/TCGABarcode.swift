/// Names of The Cancer Genome Atlas: a slide's or sample's barcode begins with its patient's, such as `TCGA-A6-2671`.
enum TCGABarcode {
    private static let length = 12

    /// The patient's barcode that a name begins with, in capitals; nil where it begins with none.
    static func patient(_ name: String) -> String? {
        let head = name.utf8.prefix(length)
        guard head.count == length, let text = String(head) else { return nil }
        // Of a longer word it is not the beginning that counts.
        if let next = name.utf8.dropFirst(length).first, Character(UnicodeScalar(next)).isLetter || isDigit(next) {
            return nil
        }
        let barcode = text.uppercased()
        let parts = barcode.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "TCGA", parts[1].count == 2,
            parts.joined().utf8.allSatisfy({ isDigit($0) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
        else { return nil }
        return barcode
    }

    /// Whether it names more than a patient.
    static func isLonger(_ name: String) -> Bool { name.utf8.count > length && patient(name) != nil }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
