/// Versions as libraries give them, compared number by number.
struct DoctorVersion: Comparable {
    private let numbers: [Int]

    /// What begins with numbers and dots; nil for anything else.
    init?(_ text: String) {
        let head = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        numbers = head.split(separator: ".").compactMap { Int($0) }
        if numbers.isEmpty { return nil }
    }

    static func < (one: DoctorVersion, other: DoctorVersion) -> Bool {
        for place in 0..<max(one.numbers.count, other.numbers.count) {
            let (left, right) = (one.number(place), other.number(place))
            if left != right { return left < right }
        }
        return false
    }

    static func == (one: DoctorVersion, other: DoctorVersion) -> Bool { !(one < other) && !(other < one) }

    private func number(_ place: Int) -> Int { place < numbers.count ? numbers[place] : 0 }
}

/// The known security faults of OpenSlide, and whether the one that is loaded has them.
enum DoctorOpenSlide {
    /// - Parameters:
    ///   - version: of the library.
    ///   - file: that it was loaded from; nil where the system does not tell.
    ///   - package: version of the Debian or Ubuntu package that it came in; nil where it is in none.
    ///   - tiff: version of libtiff.
    static func line(_ version: String, file: String?, package: String?, tiff: String) -> DoctorReport.Line {
        let subject = "OpenSlide"
        let origin = (file.map { ", \($0)" } ?? "") + (package.map { " (package \($0))" } ?? "")
        guard let own = DoctorVersion(version), let mended = DoctorVersion("4.0.1") else {
            return .warn(subject, "\(version)\(origin), which is no version", fix: install)
        }
        if own >= mended { return .ok(subject, "\(version)\(origin); CVE-2026-48977 and CVE-2026-54604 are mended") }
        var mendedFaults: [String] = []
        switch isMended(package) {
        case true: mendedFaults.append("CVE-2026-48977 is mended")
        case false:
            return .fail(
                subject,
                "\(version)\(origin) has CVE-2026-48977: a crafted Ventana BIF writes into memory",
                fix: "\(install), or apt-get update && apt-get install libopenslide0 (3.4.1+dfsg-6+deb12u1)"
            )
        case nil:
            return .warn(
                subject,
                "\(version)\(origin): whether CVE-2026-48977 (a crafted Ventana BIF writes into memory) is mended cannot be told",
                fix: "\(install), or ask your distribution; until then open no slides of strangers"
            )
        }
        // The fault shows itself with newer libraries only.
        guard let tiff = DoctorVersion(tiff), let first = DoctorVersion("4.7.1"), tiff < first else {
            return .warn(
                subject,
                "\(version)\(origin) with this libtiff has CVE-2026-54604: pixels that were never written",
                fix: install
            )
        }
        mendedFaults.append("CVE-2026-54604 needs a newer libtiff")
        return .ok(subject, "\(version)\(origin); \(mendedFaults.joined(separator: ", "))")
    }

    private static let install = "install OpenSlide 4.0.1 (scripts/setup) and build again"

    /// nil where nothing is known of the package.
    private static func isMended(_ package: String?) -> Bool? {
        guard let match = package?.wholeMatch(of: /3\.4\.1\+dfsg-(\d+)(?:\+deb12u(\d+))?/),
            let revision = Int(match.1)
        else { return nil }
        if revision > 6 { return nil }
        return revision == 6 && (match.2.flatMap { Int($0) } ?? 0) >= 1
    }
}
