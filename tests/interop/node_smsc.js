// An SMSC on the npm package "smpp", scripted by JSON lines: orders come on stdin, what it saw goes to stdout.
//
// {"do": "say", "pdu": {…}}   sends a deliver_sm, or "command": "data_sm", over a bind that may receive
// {"do": "enquire"}           sends enquire_link, {"do": "unbind"} sends unbind
// {"do": "mark"}              is told back, behind all that was seen before
//
// Started with one JSON object: {"password", "tls": {"key", "cert"}, "receipts": "text" | "tlv" | "none"}.
'use strict';

const fs = require('fs');
const readline = require('readline');
const smpp = require('smpp');

const told = JSON.parse(process.argv[2]);
const WITH_TEXT = { 2: 'DELIVRD', 5: 'UNDELIV' };
const sessions = new Set();
let ids = 0xab0000;

function tell(seen) {
	process.stdout.write(JSON.stringify(seen) + '\n');
}

function plain(value) {
	return Buffer.isBuffer(value) ? { hex: value.toString('hex') } : Array.isArray(value) ? value.map(plain) : value;
}

function content(message) {
	return message && { udh: plain(message.udh), message: plain(message.message) };
}

function saw(pdu) {
	const seen = Object.assign({}, pdu, {
		short_message: content(pdu.short_message),
		message_payload: content(pdu.message_payload),
	});
	delete seen.password;
	tell({ event: pdu.command, pdu: seen });
}

function receiptOf(pdu, id) {
	const state = pdu.destination_addr.endsWith('5') ? 5 : 2;
	const receipt = {
		esm_class: smpp.ESM_CLASS.MC_DELIVERY_RECEIPT,
		source_addr: pdu.destination_addr, source_addr_ton: 1, source_addr_npi: 1,
		destination_addr: pdu.source_addr, dest_addr_ton: pdu.source_addr_ton,
	};
	if (told.receipts === 'tlv') {
		return Object.assign(receipt, { receipted_message_id: id + '\0', message_state: state, data_coding: 0 });
	}
	const text = `id:${id} sub:001 dlvrd:001 submit date:2611221200 done date:2611221201 stat:${WITH_TEXT[state]} err:000 text:`;
	return Object.assign(receipt, { short_message: text });
}

function deliver(pdu, command = 'deliver_sm') {
	for (const session of sessions) {
		if (session.receives) {
			session[command](pdu, (answer) => tell({ event: 'answer', status: answer.command_status }));
			return;
		}
	}
}

function serve(session) {
	const bound = (receives) => (pdu) => {
		saw(pdu);
		if (pdu.password !== told.password) {
			session.send(pdu.response({ command_status: smpp.ESME_RINVPASWD }));
			return;
		}
		session.receives = receives;
		sessions.add(session);
		session.send(pdu.response({ system_id: 'node' }));
	};
	session.on('bind_transceiver', bound(true));
	session.on('bind_receiver', bound(true));
	session.on('bind_transmitter', bound(false));
	session.on('submit_sm', (pdu) => {
		saw(pdu);
		const id = (ids++).toString(16);
		session.send(pdu.response({ message_id: id }));
		if (told.receipts !== 'none' && pdu.registered_delivery) {
			deliver(receiptOf(pdu, id));
		}
	});
	session.on('enquire_link', (pdu) => {
		saw(pdu);
		session.send(pdu.response());
	});
	session.on('unbind', (pdu) => {
		saw(pdu);
		sessions.delete(session);
		session.send(pdu.response());
		session.close();
	});
	session.on('unknown', saw);
	session.on('close', () => sessions.delete(session));
	session.on('error', (error) => tell({ event: 'error', reason: error.message }));
}

const ORDERS = {
	say: (order) => {
		const pdu = Object.assign({}, order.pdu);
		for (const key of ['short_message', 'message_payload']) {
			if (pdu[key] && pdu[key].hex) {
				pdu[key] = Buffer.from(pdu[key].hex, 'hex');
			}
		}
		deliver(pdu, order.command);
	},
	enquire: () => sessions.forEach((session) => session.enquire_link({}, (pdu) => tell({ event: pdu.command }))),
	unbind: () => sessions.forEach((session) => session.unbind({}, (pdu) => tell({ event: pdu.command }))),
	mark: () => tell({ event: 'mark' }),
};

const options = told.tls ? { key: fs.readFileSync(told.tls.key), cert: fs.readFileSync(told.tls.cert) } : {};
const server = smpp.createServer(options, serve);
server.listen(0, '127.0.0.1', () => tell({ event: 'ready', port: server.address().port }));
const orders = readline.createInterface({ input: process.stdin });
orders.on('line', (line) => {
	const order = JSON.parse(line);
	ORDERS[order.do](order);
});
orders.on('close', () => process.exit(0)); // whoever started it is gone
