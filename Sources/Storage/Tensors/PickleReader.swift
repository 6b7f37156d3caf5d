import Foundation
import Records

/// Reads the pickle of a plain tensor, or of a model's weights, without running anything: a stack, a memo and the few opcodes
/// that `torch.save` needs for them. A pickle is a program for a machine that can call any function; this one knows no function.
struct PickleReader {
    /// What a pickle may hold.
    enum Content {
        /// A tensor, or a dictionary of them.
        case tensor
        /// Dictionaries of dictionaries of tensors, with whatever numbers and lists a training puts beside them.
        case weights
        /// A list of texts: the names of storages.
        case names

        /// What may be pushed or remembered; a value of many copies of itself would fill any memory.
        var budget: Int { self == .tensor ? 100_000 : 1_000_000 }
        /// Levels that what a dictionary holds may have.
        var depth: Int { self == .weights ? 4 : 1 }
    }

    /// Why a pickle is not read.
    struct Refusal: Error, Equatable { var reason: String }

    private let bytes: [UInt8]
    /// How many bytes are read.
    private(set) var position = 0
    /// Bytes of an element, by the storages' names.
    private(set) var widths: [String: Int] = [:]
    private var stack: [PickledValue] = []
    private var marks: [Int] = []
    private var memo: [Int: PickledValue] = [:]
    private let content: Content
    private var budget: Int

    init(_ data: Data, _ content: Content = .tensor) {
        (bytes, self.content, budget) = (Array(data), content, content.budget)
    }

    /// The one value of the pickle.
    mutating func value() throws(Refusal) -> PickledValue {
        guard try byte() == 0x80 else { throw Refusal(reason: "its pickle has no protocol") }
        let version = try byte()
        guard version == 2 else { throw Refusal(reason: "its pickle has protocol \(version); torch.save writes 2") }
        while true {
            let code = try byte()
            if code == UInt8(ascii: ".") {
                guard stack.count == 1, marks.isEmpty, let value = stack.first else { throw malformed }
                return value
            }
            try step(code)
        }
    }

    private var malformed: Refusal { Refusal(reason: "its pickle is damaged") }

    private mutating func step(_ code: UInt8) throws(Refusal) {
        switch code {
        case UInt8(ascii: "c"): try push(.global(global()))
        case UInt8(ascii: "q"): try remember(integer(1))
        case UInt8(ascii: "r"): try remember(integer(4))
        case UInt8(ascii: "h"): try recall(integer(1))
        case UInt8(ascii: "j"): try recall(integer(4))
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: "X"): try push(.text(text(integer(4))))
        case UInt8(ascii: "K"): try push(.integer(integer(1)))
        case UInt8(ascii: "M"): try push(.integer(integer(2)))
        case UInt8(ascii: "J"): try push(.integer(Int(Int32(truncatingIfNeeded: integer(4)))))
        case 0x8A: try push(.integer(long()))
        case UInt8(ascii: ")"): try push(.tuple([]))
        case 0x85, 0x86, 0x87: try pushTuple(pop(Int(code) - 0x84))
        case UInt8(ascii: "t"): try pushTuple(popToMark())
        case UInt8(ascii: "}"): try push(.dictionary([]))
        case UInt8(ascii: "s"): try setItems(pop(2))
        case UInt8(ascii: "u"): try setItems(popToMark())
        case UInt8(ascii: "N"): try push(.none)
        case 0x88: try push(.flag(true))
        case 0x89: try push(.flag(false))
        case UInt8(ascii: "Q"): try push(storage(pop(1)))
        case UInt8(ascii: "R"): try push(rebuilt(pop(2)))
        case _ where content == .weights: try stepBesideTensors(code)
        case _ where content == .names: try stepInNames(code)
        default: throw unknown(code)
        }
    }

    /// What stands beside tensors is passed over.
    private mutating func stepBesideTensors(_ code: UInt8) throws(Refusal) {
        switch code {
        case UInt8(ascii: "]"): try push(.other)
        case UInt8(ascii: "a"):
            _ = try pop(2)
            try push(.other)
        case UInt8(ascii: "e"):
            _ = try popToMark()
            _ = try pop(1)
            try push(.other)
        case UInt8(ascii: "G"):
            _ = try take(8)
            try push(.other)
        case UInt8(ascii: "b"):
            // An OrderedDict's attributes, which say the versions of layers.
            _ = try pop(1)
            guard case .dictionary = stack.last else { throw malformed }
        default: throw unknown(code)
        }
    }

    private mutating func stepInNames(_ code: UInt8) throws(Refusal) {
        switch code {
        case UInt8(ascii: "]"): try push(.tuple([]))
        case UInt8(ascii: "a"): try extendList(pop(1))
        case UInt8(ascii: "e"): try extendList(popToMark())
        default: throw unknown(code)
        }
    }

    private mutating func extendList(_ names: [PickledValue]) throws(Refusal) {
        guard case .tuple(let known) = stack.popLast(), !names.contains(where: { $0.depth > 0 }) else {
            throw malformed
        }
        try spend(known.count + names.count)
        try push(.tuple(known + names))
    }

    private func unknown(_ code: UInt8) -> Refusal {
        Refusal(reason: "its pickle has the opcode 0x\(String(code, radix: 16)), which no tensor needs")
    }

    // MARK: Stack and memo

    private mutating func push(_ value: PickledValue) throws(Refusal) {
        try spend(1)
        stack.append(value)
    }

    private mutating func pushTuple(_ values: [PickledValue]) throws(Refusal) {
        // Deep nesting would end in a deep recursion when the value goes, and wide nesting in a long walk.
        guard values.count <= 8, !values.contains(where: { $0.depth > 3 }) else { throw malformed }
        try spend(values.count)
        try push(.tuple(values))
    }

    private mutating func spend(_ amount: Int) throws(Refusal) {
        budget -= amount
        guard budget > 0 else { throw Refusal(reason: "its pickle is far longer than that of a tensor") }
    }

    private mutating func pop(_ count: Int) throws(Refusal) -> [PickledValue] {
        guard stack.count - (marks.last ?? 0) >= count else { throw malformed }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popToMark() throws(Refusal) -> [PickledValue] {
        guard let mark = marks.popLast() else { throw malformed }
        defer { stack.removeLast(stack.count - mark) }
        return Array(stack[mark...])
    }

    private mutating func remember(_ key: Int) throws(Refusal) {
        guard let value = stack.last else { throw malformed }
        try spend(1)
        memo[key] = value
    }

    private mutating func recall(_ key: Int) throws(Refusal) {
        guard let value = memo[key] else { throw malformed }
        try push(value)
    }

    private mutating func setItems(_ items: [PickledValue]) throws(Refusal) {
        guard case .dictionary(var pairs) = stack.popLast(), items.count.isMultiple(of: 2),
            !items.contains(where: { $0.depth > content.depth })
        else { throw malformed }
        for index in stride(from: 0, to: items.count, by: 2) {
            pairs.append(PickledValue.Pair(key: items[index], value: items[index + 1]))
        }
        try spend(pairs.count)
        try push(.dictionary(pairs))
    }

    // MARK: The few names that are known

    private mutating func global() throws(Refusal) -> PickledGlobal {
        let name = try "\(line()).\(line())"
        guard let known = PickledGlobal(rawValue: name) else {
            let wayOut =
                content == .tensor
                ? "only a plain tensor is read, and nothing is ever run"
                : "nothing is ever run, so load it with the code that made it, and save its state_dict() alone"
            throw Refusal(reason: "it holds \(ShownText.line(String(name.prefix(80)))); \(wayOut)")
        }
        return known
    }

    /// `('storage', torch.FloatStorage, key, location, number of elements)`, before PyTorch 1.6 with a view, which is none.
    private mutating func storage(_ values: [PickledValue]) throws(Refusal) -> PickledValue {
        guard case .tuple(let parts) = values[0], parts.count == 5 || parts.count == 6 && parts[5] == .none,
            parts[0] == .text("storage"), case .global(let type) = parts[1], let width = type.width,
            case .text(let key) = parts[2], widths.updateValue(width, forKey: key) ?? width == width
        else { throw malformed }
        return .storage(kind: type.kind, key: key)
    }

    private func rebuilt(_ values: [PickledValue]) throws(Refusal) -> PickledValue {
        guard case .global(let name) = values[0], case .tuple(let parts) = values[1] else { throw malformed }
        switch (name, parts.count) {
        case (.orderedDictionary, 0): return .dictionary([])
        case (.rebuildParameter, 3): return parts[0]
        case (.rebuildTensor, 6...7):
            guard case .storage(let kind, let key) = parts[0], case .integer(let offset) = parts[1],
                let shape = parts[2].integers, let strides = parts[3].integers, shape.count == strides.count
            else { throw malformed }
            guard let kind else { return .otherTensor }
            return .tensor(PickledTensor(kind: kind, key: key, offset: offset, shape: shape, strides: strides))
        default: throw malformed
        }
    }

    // MARK: Bytes

    private mutating func byte() throws(Refusal) -> UInt8 {
        guard position < bytes.count else { throw malformed }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func take(_ count: Int) throws(Refusal) -> ArraySlice<UInt8> {
        guard count <= bytes.count - position else { throw malformed }
        defer { position += count }
        return bytes[position..<(position + count)]
    }

    /// Little-endian, without a sign.
    private mutating func integer(_ width: Int) throws(Refusal) -> Int {
        try take(width).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// A signed number of up to 8 bytes.
    private mutating func long() throws(Refusal) -> Int {
        let digits = try Array(take(integer(1)))
        guard digits.count <= 8, let top = digits.last else { throw malformed }
        let start: UInt64 = top >= 128 ? .max : 0
        return Int(Int64(bitPattern: digits.reversed().reduce(start) { $0 << 8 | UInt64($1) }))
    }

    private mutating func text(_ length: Int) throws(Refusal) -> String {
        String(decoding: try take(length), as: UTF8.self)
    }

    private mutating func line() throws(Refusal) -> String {
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else { throw malformed }
        defer { position = end + 1 }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }
}
