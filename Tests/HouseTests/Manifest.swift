import Testing

/// The targets of Package.swift, read as text.
struct Manifest {
    struct Target {
        var name: String
        /// Where its files lie.
        var folder: String
        /// Targets and products, by the name that is imported.
        var dependencies: Set<String>
    }

    let targets: [Target]

    /// - Throws: where Package.swift is written otherwise than this reads it.
    init() throws {
        let text = try House.text("Package.swift").split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
        let products = Dictionary(
            uniqueKeysWithValues: text.matches(of: /let (\w+) = Target\.Dependency\.product\(name: "(\w+)"/)
                .map { (String($0.1), String($0.2)) }
        )
        let start = try #require(text.firstRange(of: "\n    targets: [")).upperBound
        let end = try #require(text.firstRange(of: "\n    ],\n    swiftLanguageModes")).lowerBound
        let list = text[start..<end]
        let calls = list.matches(of: /\n        (\.systemLibrary|\.target|\.executableTarget|room|tests)\(/)
        targets = try calls.map { call in
            try Self.target(kind: String(call.1), Self.inBrackets(list[call.range.upperBound...]), products)
        }
    }

    private static func target(
        kind: String,
        _ arguments: Substring,
        _ products: [String: String]
    ) throws -> Target {
        let first = try #require(arguments.firstMatch(of: /"([^"]+)"/)).1
        let name = kind == "tests" ? "\(first)Tests" : String(first)
        let path = arguments.firstMatch(of: /\bpath: "([^"]+)"/).map { String($0.1) }
        // Our own functions take the dependencies as the second argument.
        let list = kind.hasPrefix(".") ? arguments.firstRange(of: "dependencies: [") : arguments.firstRange(of: "[")
        let names = try list.map { list in
            try inBrackets(arguments[list.upperBound...]).matches(of: /"([\w-]+)"|(\w+)/).map { match in
                if let target = match.1 { return String(target) }
                let variable = String(match.2 ?? "")
                return try #require(products[variable], "\(name) depends on \(variable), which is no product")
            }
        }
        return Target(
            name: name,
            folder: path ?? (kind == "tests" ? "Tests/\(name)" : "Sources/\(name)"),
            dependencies: Set(names ?? [])
        )
    }

    /// What stands before the bracket that closes what was opened before.
    private static func inBrackets(_ text: Substring) throws -> Substring {
        var depth = 0
        let end = text.firstIndex { character in
            if "([".contains(character) { depth += 1 }
            if ")]".contains(character) { depth -= 1 }
            return depth < 0
        }
        return text[..<(try #require(end))]
    }
}
