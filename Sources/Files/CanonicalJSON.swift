public import Foundation
import Records

/// JSON with sorted keys and shortest round-trip numbers: equal values give equal bytes.
public enum CanonicalJSON {
    /// For people: indented, with a final newline.
    public static func data(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return try encoder.encode(value) + Data("\n".utf8)
    }

    /// One line, for digests and line-delimited streams; no newline at the end.
    public static func line(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    /// SHA-256 of the one-line form.
    public static func fingerprint(_ value: some Encodable) throws -> String { Digest.sha256(try line(value)) }

    public static func write(_ value: some Encodable, to url: URL) throws {
        try AtomicFile.write(try data(value), to: url)
    }

    /// Reads what a program has written.
    /// - Throws: `StorageError` for a missing file, text that is no JSON, or one that is not what was written: a key that is not
    ///   known in it is no mistake of the person who gives a command.
    public static func read<Value: Decodable>(_ type: Value.Type, from url: URL) throws -> Value {
        try decode(
            type,
            made: TextLimit.data(url, upTo: TextLimit.program, wayOut: "no file of this program is that long"),
            url
        )
    }

    /// The same of what was read already.
    /// - Parameter url: where the data came from, for messages.
    public static func decode<Value: Decodable>(_ type: Value.Type, made data: Data, _ url: URL) throws -> Value {
        do { return try decode(type, from: data, url) } catch let error as StorageError { throw error } catch let error
            as any ReportableError
        {
            let place = error.subject.map { "\($0): " } ?? ""
            throw StorageError.malformed(path: url.path, reason: place + error.message)
        }
    }

    /// As `read`, of a file that may be missing or damaged: nil then.
    /// - Throws: `StorageError` where the file is there and the machine does not give it: that is no missing file.
    public static func readUndamaged<Value: Decodable>(
        _ type: Value.Type,
        from url: URL
    ) throws(StorageError) -> Value? {
        let data: Data
        do { data = try RegularFile.data(url) } catch {
            if error.code == .notFound { return nil }
            throw error
        }
        return try? decode(type, from: data, url)
    }

    /// Reads what a person writes, such as a config: of at most 32 MB, without keys that stand there twice.
    /// - Throws: `ConfigError` from strict structs, `StorageError` for a missing file or text that is no JSON.
    public static func read<Value: Decodable>(_ type: Value.Type, written url: URL) throws -> Value {
        let wayOut = "is this the file that was meant?"
        let data = try TextLimit.data(url, upTo: TextLimit.person, wayOut: wayOut)
        return try decode(type, from: data, url, isStrict: true)
    }

    /// - Parameters:
    ///   - url: where the data came from, for messages.
    ///   - isStrict: whether keys that occur twice and commas before a closing bracket are refused.
    /// - Throws: as `read(_:written:)`.
    static func decode<Value: Decodable>(
        _ type: Value.Type,
        from data: Data,
        _ url: URL,
        _ decoder: JSONDecoder = JSONDecoder(),
        isStrict: Bool = false
    ) throws -> Value {
        let data = try checked(data, url, isStrict: isStrict)
        do { return try decoder.decode(type, from: data) } catch let error as any ReportableError {
            throw error
        } catch DecodingError.dataCorrupted(let context) {
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            let reason = path.isEmpty ? "not valid JSON: \(fault(in: data))" : "\(path): \(context.debugDescription)"
            throw StorageError.malformed(path: url.path, reason: reason)
        } catch DecodingError.keyNotFound(let key, let context) {
            let path = (context.codingPath + [key]).map(\.stringValue).joined(separator: ".")
            throw StorageError.malformed(path: url.path, reason: "\(path) is missing")
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw StorageError.malformed(path: url.path, reason: "\(path): \(context.debugDescription)")
        } catch {
            // A number that does not fit its type, such as -1 for UInt64: Foundation's error for it has no path.
            throw StorageError.malformed(path: url.path, reason: "a number is out of range")
        }
    }

    /// The text in UTF-8, when it is fit for a decoder.
    private static func checked(_ data: Data, _ url: URL, isStrict: Bool) throws -> Data {
        let text: Data
        do { text = try ForeignText.unicode(data) } catch {
            throw StorageError.malformed(path: url.path, reason: error.reason)
        }
        try check(text, url, isStrict: isStrict)
        return text
    }

    /// - Parameter text: in UTF-8.
    /// - Throws: `StorageError` for a text that is too deep, or not strict.
    static func check(_ text: Data, _ url: URL, isStrict: Bool) throws {
        do { try text.withUnsafeBytes { try JSONOutline($0).check(isStrict: isStrict) } } catch let fault
            as JSONOutline.Fault
        {
            let line = UTF8Text.line(of: fault.offset, in: text)
            throw StorageError.malformed(path: url.path, reason: "not valid JSON: \(fault.reason) in line \(line)")
        }
    }

    /// Where text stops being JSON; the decoder itself does not say.
    private static func fault(in data: Data) -> String {
        do {
            _ = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
            return "its numbers or texts are out of range"
        } catch {
            let words = (error as NSError).userInfo["NSDebugDescription"] as? String ?? "unexpected text"
            guard let match = words.firstMatch(of: /around character (\d+)/), let offset = Int(match.1) else {
                return words
            }
            let line = data.prefix(offset).count { $0 == UInt8(ascii: "\n") } + 1
            return "\(words.replacing(match.0, with: "in line \(line)"))"
        }
    }
}
